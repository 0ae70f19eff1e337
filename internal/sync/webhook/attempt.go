package webhook

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/webhookattempt"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/outbox"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
)

// maxExcerpt limits what is stored of an answer, in characters.
const maxExcerpt = 300

// attempt is one attempt to deliver an event.
type attempt struct {
	outbox.Attempt
	event    Event
	number   int  // at this event, from 1
	setAside bool // it was the last: the event is a dead letter
}

// attempt sends e. An error means that it was not sent, or that the server is shutting down,
// so that the outcome is unknown.
func (d *delivery) attempt(ctx context.Context, e Event, number int) (attempt, error) {
	e, err := d.current(ctx, e)
	if err != nil {
		return attempt{}, err
	}
	m := outbox.Message{ID: e.ID, URL: d.w.URL, Secrets: d.secrets, Body: e.Body}
	a := attempt{Attempt: outbox.Send(ctx, d.o.Client, m, d.store.Clock()), event: e, number: number}
	if ctx.Err() != nil {
		return a, ctx.Err()
	}
	d.slow = a.Outcome != outbox.Delivered || a.Took > slowAfter
	d.o.Observe(string(a.outcome()), a.Took)
	return a, nil
}

// outcome returns what the log of attempts says of a.
func (a attempt) outcome() webhookattempt.Outcome {
	switch {
	case a.setAside:
		return webhookattempt.OutcomeSET_ASIDE
	case a.Outcome == outbox.Delivered:
		return webhookattempt.OutcomeDELIVERED
	}
	return webhookattempt.OutcomeFAILED
}

// create returns the statement that logs a.
func (a attempt) create(c *ent.Client, webhookID string) *ent.WebhookAttemptCreate {
	row := c.WebhookAttempt.Create().SetID(typeid.New(typeid.Attempt, a.At)).SetWebhookID(webhookID).SetEvent(a.event.ID).
		SetType(a.event.Type).SetNumber(a.number).SetAt(a.At).SetMilliseconds(int(a.Took.Milliseconds())).SetOutcome(a.outcome()).
		SetAnswer(excerpt(string(a.Answer.Excerpt), maxExcerpt))
	if a.Answer.Status != 0 {
		row.SetStatus(a.Answer.Status)
	}
	if a.Outcome != outbox.Delivered {
		row.SetError(excerpt(a.Problem(), maxExcerpt))
	}
	return row
}

func excerpt(text string, max int) optional.String { return optional.String(outbox.Excerpt(text, max)) }
