package webhook

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/token"
	"github.com/tonggao/tonggao/ent/webhook"
	"github.com/tonggao/tonggao/ent/webhookattempt"
	"github.com/tonggao/tonggao/internal/foundation/egress"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/retry"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/webhooksig"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

// serve tells one webhook what it has not been told, until it is up to date, does
// not take an event, or is taken away.
func (r *Runner) serve(ctx context.Context, w *ent.Webhook) {
	t := &delivery{Runner: r, w: w}
	defer func() { r.leave(w.ID, t.slow) }()
	err := r.takeLease(ctx, t)
	for err == nil && !t.over {
		err = t.page(ctx)
	}
	if err != nil && ctx.Err() == nil && !errors.Is(err, errTaken) {
		t.slow = true
		r.o.Logger.WarnContext(ctx, "a webhook could not be served; this is tried again", "webhook", w.ID, "error", err)
	}
}

// turn is one webhook being served: its row as it was last seen, how far it is
// told, and what is not written down yet.
type delivery struct {
	*Runner
	w       *ent.Webhook
	secrets []string
	replay  bool              // the events are those of a replay
	at      changefeed.Cursor // settled, written down or not
	unsaved []attempt
	since   time.Time // when the first of them was made
	slow    bool
	over    bool
}

// attempt is what came of one attempt.
type attempt struct {
	event   Event
	at      instant.Instant
	took    time.Duration
	answer  egress.Answer
	err     error
	number  int
	outcome webhookattempt.Outcome
}

// page reads some events and delivers them.
func (t *delivery) page(ctx context.Context) error {
	if stop, err := t.prepare(ctx); stop || err != nil {
		return err
	}
	after := t.at
	events, end, more, err := t.next(ctx, after)
	if err != nil {
		return err
	}
	for i, e := range events {
		took, err := t.event(ctx, e, events[i+1:])
		if err != nil || t.over {
			return err
		}
		if !took { // set aside, and with it the page
			return nil
		}
	}
	return t.reached(ctx, end, more)
}

// prepare looks whether the webhook may be told, and where to go on.
func (t *delivery) prepare(ctx context.Context) (stop bool, err error) {
	good, err := t.ownerIsGood(ctx, t.w.TokenID)
	if err != nil {
		return true, err
	}
	if !good {
		return true, t.stop(ctx, webhook.StatePAUSED, "OWNER", "the token that made it is no longer good; whoever activates it answers for it")
	}
	if t.secrets, err = t.Service.secrets(t.w); err != nil {
		return true, t.stop(ctx, webhook.StatePAUSED, "SECRET", "its secret cannot be read with the server's key: rotate it and activate it again")
	}
	t.replay = t.w.ReplayUntil > 0
	t.at = changefeed.Cursor{Position: t.w.Position, Base: t.w.Base, Step: t.w.Step}
	if t.replay {
		t.at = changefeed.Cursor{Position: t.w.ReplayPosition, Step: t.w.ReplayStep}
	} else if known := t.knownPlace(t.w.ID); known.Position > t.at.Position {
		t.at = known
	}
	return false, nil
}

// ownerIsGood reports whether a token still lets in.
func (s *Service) ownerIsGood(ctx context.Context, id string) (bool, error) {
	row, err := s.store.Client(ctx).Token.Query().Where(token.ID(id)).Only(ctx)
	if ent.IsNotFound(err) {
		return false, nil
	}
	return err == nil && row.RevokedAt == nil && (row.ExpiresAt == nil || *row.ExpiresAt > s.store.Clock()), err
}

// next is the events after a place, no further than a replay goes.
func (t *delivery) next(ctx context.Context, after changefeed.Cursor) (list []Event, end changefeed.Cursor, more bool, err error) {
	f := FilterOf(t.w)
	if f == nil {
		f = &changefeed.Filter{}
	}
	list, end, more, err = t.events(ctx, *f, after)
	if errors.Is(err, changefeed.ErrTooOld) {
		return nil, after, false, errors.Join(t.stop(ctx, webhook.StatePAUSED, "TOO_OLD", "it was behind for longer than the change log goes back, so changes are missing: make a new one with fromBeginning, and delete this one"), errTaken)
	}
	for i, e := range list {
		if t.replay && e.After.Position > t.w.ReplayUntil {
			list = list[:i]
			break
		}
	}
	return list, end, more, err
}

// event delivers e, and reports whether the page goes on behind it. Rest is what
// follows e on its page.
func (t *delivery) event(ctx context.Context, e Event, rest []Event) (goOn bool, err error) {
	result := t.try(ctx, e, t.w.Failures+1)
	if ctx.Err() != nil {
		return false, ctx.Err() // nobody knows what came of it; it is tried again
	}
	switch meaning := classify(result.answer.Status); meaning {
	case delivered:
		return true, t.settle(ctx, result)
	case gone:
		t.note(result)
		return false, t.stop(ctx, webhook.StateGONE, "GONE", "the receiver answered 410 Gone: it wants no more")
	default:
		return false, t.failed(ctx, result, meaning, rest)
	}
}

// try makes one attempt.
func (t *delivery) try(ctx context.Context, e Event, number int) attempt {
	a := attempt{event: e, at: t.store.Clock(), number: number, outcome: webhookattempt.OutcomeFAILED}
	begun := time.Now()
	h, err := webhooksig.Header(t.secrets, e.ID, a.at, e.Body)
	if err == nil {
		a.answer, err = t.o.Client.Post(ctx, t.w.URL, h, e.Body)
	}
	a.err, a.took = err, time.Since(begun)
	if classify(a.answer.Status) == delivered {
		a.outcome = webhookattempt.OutcomeDELIVERED
	}
	t.slow = a.outcome != webhookattempt.OutcomeDELIVERED || a.took > slowAfter
	if ctx.Err() == nil {
		t.o.Observe(string(a.outcome), a.took)
	}
	return a
}

// failed puts the event off, or ends the webhook where that was the last time. A
// receiver that answers, and does not take this event, may take the next: then
// this one is set aside.
func (t *delivery) failed(ctx context.Context, a attempt, meaning verdict, rest []Event) error {
	if meaning == refused && a.number >= probeFrom {
		aside, err := t.probe(ctx, &a, rest)
		if aside || err != nil {
			return err
		}
	}
	t.note(a)
	pause, again := retry.Delay(a.number, jitter(), a.answer.RetryAfter)
	if !again {
		return t.stop(ctx, webhook.StatePAUSED, "FAILED", fmt.Sprintf("paused after %d failed attempts at %s over more than three days, the last: %s; nothing is lost: activate it to go on with that event", a.number, a.event.ID, a.summary()))
	}
	t.over = true
	return t.save(ctx, func(u *ent.WebhookUpdateOne) {
		u.SetFailures(a.number).SetDueAt(t.store.Clock().Add(pause))
	})
}

// probe tries the event that follows one that is refused. If it is taken, the
// refused one is set aside.
func (t *delivery) probe(ctx context.Context, a *attempt, rest []Event) (aside bool, err error) {
	if len(rest) == 0 {
		if rest, _, _, err = t.next(ctx, a.event.After); err != nil || len(rest) == 0 {
			return false, err
		}
	}
	result := t.try(ctx, rest[0], 1)
	if ctx.Err() != nil || result.outcome != webhookattempt.OutcomeDELIVERED {
		if ctx.Err() == nil {
			t.note(result)
		}
		return false, ctx.Err()
	}
	a.outcome = webhookattempt.OutcomeSET_ASIDE
	t.o.Logger.WarnContext(ctx, "a webhook's receiver refuses an event, and takes the next: the event is set aside", "webhook", t.w.ID, "event", a.event.ID, "status", a.answer.Status)
	t.note(*a)
	t.note(result)
	t.at = result.event.After
	return true, t.save(ctx, func(u *ent.WebhookUpdateOne) { u.SetFailures(0).SetDueAt(t.store.Clock()) })
}

// stop ends deliveries until somebody activates the webhook again.
func (t *delivery) stop(ctx context.Context, state webhook.State, why, notice string) error {
	t.over = true
	t.o.Paused(why)
	t.o.Logger.WarnContext(ctx, "a webhook was stopped", "webhook", t.w.ID, "why", why)
	return t.save(ctx, func(u *ent.WebhookUpdateOne) {
		u.SetState(state).SetNotice(tidy(notice, maxNotice)).SetFailures(0)
	})
}

// row is a as it is kept.
func (a attempt) row(c *ent.Client, webhookID string) *ent.WebhookAttemptCreate {
	create := c.WebhookAttempt.Create().SetID(typeid.New(typeid.Attempt, a.at)).SetWebhookID(webhookID).SetEvent(a.event.ID).
		SetType(a.event.Type).SetNumber(a.number).SetAt(a.at).SetMilliseconds(int(a.took.Milliseconds())).SetOutcome(a.outcome).
		SetAnswer(tidy(string(a.answer.Excerpt), maxExcerpt))
	if a.answer.Status != 0 {
		create.SetStatus(a.answer.Status)
	}
	if a.outcome != webhookattempt.OutcomeDELIVERED {
		create.SetError(tidy(a.summary(), maxExcerpt))
	}
	return create
}

// summary is what went wrong, for people.
func (a attempt) summary() string {
	var timeout interface{ Timeout() bool }
	switch status := a.answer.Status; {
	case status >= 300 && status < 400:
		return fmt.Sprintf("answered %d; redirects are not followed: give the address that it leads to", status)
	case status != 0:
		return fmt.Sprintf("answered %d", status)
	case errors.Is(a.err, context.DeadlineExceeded), errors.As(a.err, &timeout) && timeout.Timeout():
		return "did not answer in time"
	default:
		return fmt.Sprint(a.err)
	}
}

// Lengths of what is kept of others' words, in characters.
const (
	maxExcerpt = 300
	maxNotice  = 450
)

// tidy is text that can be shown: valid, in one line, not too long.
func tidy(text string, most int) maybeText {
	text = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(text, "�"))
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most-1]) + "…"
	}
	return maybeText(strings.TrimSpace(text))
}
