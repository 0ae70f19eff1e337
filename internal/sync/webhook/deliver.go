package webhook

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/webhook"
	"github.com/tonggao/tonggao/internal/foundation/outbox"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

const (
	// saveEvery limits how long delivered events wait to be saved together. After a
	// crash, the events of that time are delivered again.
	saveEvery = 250 * time.Millisecond
	// maxSkipped limits how many entries outside the filter are passed before the
	// cursor is saved.
	maxSkipped = 500
	// probeFrom is the number of attempts after which an event that the receiver refuses
	// is tested against the next one.
	probeFrom = 4
	slowAfter = time.Second
	maxNotice = 450 // characters
)

// delivery serves one webhook: it sends the events after the cursor until the webhook is
// up to date, an event has to be retried, or the lease is lost.
type delivery struct {
	*Runner
	w       *ent.Webhook // as last saved
	secrets []string
	replay  bool              // the events are those of a replay
	page    *page             // what is left of it; nil: read the next
	cursor  changefeed.Cursor // events up to it are settled
	unsaved []attempt
	since   time.Time // of the first of them
	slow    bool
	done    bool
}

// update sets what an outcome changes in the row of a webhook.
type update func(*ent.WebhookUpdateOne)

func resetFailures(u *ent.WebhookUpdateOne) { u.SetFailures(0) }

// run delivers, and saves each outcome.
func (d *delivery) run(ctx context.Context) error {
	if err := d.takeLease(ctx); err != nil {
		return err
	}
	for !d.done {
		u, err := d.next(ctx)
		if err == nil && u != nil {
			err = d.save(ctx, u)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// next delivers events until something has to be saved, and returns it; nil at the end
// of a page that had nothing for the webhook.
func (d *delivery) next(ctx context.Context) (update, error) {
	if d.page == nil {
		if u, err := d.open(ctx); u != nil || err != nil {
			return u, err
		}
	}
	for len(d.page.events) > 0 {
		e := d.page.events[0]
		d.page.events = d.page.events[1:]
		if u, err := d.deliver(ctx, e); u != nil || err != nil {
			return u, err
		}
	}
	return d.endPage(), nil
}

// open reads the next page, or stops a webhook that cannot be served.
func (d *delivery) open(ctx context.Context) (update, error) {
	valid, err := d.tokenValid(ctx, d.w.TokenID)
	if err != nil {
		return nil, err
	}
	if !valid {
		return d.stop(ctx, webhook.StatePAUSED, "OWNER", "its token was revoked or has expired; activate it with another token, which owns it from then on"), nil
	}
	if d.secrets, err = d.Service.secrets(d.w); err != nil {
		return d.stop(ctx, webhook.StatePAUSED, "SECRET", "its secret cannot be decrypted with the server's key: rotate it and activate it again"), nil
	}
	d.replay = d.w.ReplayUntil > 0
	d.cursor = changefeed.Cursor{Position: d.w.Position, Base: d.w.Base, Step: d.w.Step, Entry: d.w.Entry}
	if d.replay {
		if d.cursor, err = d.log.At(ctx, d.w.ReplayPosition, d.w.ReplayStep); err != nil {
			return nil, err
		}
	} else if skipped := d.skippedTo(d.w.ID); skipped.Position > d.cursor.Position {
		d.cursor = skipped
	}
	d.page, err = d.read(ctx, d.cursor)
	if errors.Is(err, changefeed.ErrOtherHistory) {
		if d.replay {
			return func(u *ent.WebhookUpdateOne) { u.SetReplayUntil(0) }, nil
		}
		d.page, err = d.startOver(ctx)
	}
	if errors.Is(err, changefeed.ErrTooOld) {
		return d.stop(ctx, webhook.StatePAUSED, "TOO_OLD", "it was behind for longer than the change feed is kept, so changes are missing: create a new one with fromBeginning, and delete this one"), nil
	}
	return nil, err
}

// read returns a page, which ends where a replay does.
func (d *delivery) read(ctx context.Context, after changefeed.Cursor) (*page, error) {
	p, err := d.readPage(ctx, FilterOf(d.w), after)
	if err != nil {
		return nil, err
	}
	for i, e := range p.events {
		if d.replay && e.After.Position > d.w.ReplayUntil {
			p.events = p.events[:i]
			break
		}
	}
	return p, nil
}

// deliver sends e and decides what follows; nil: the next event does.
func (d *delivery) deliver(ctx context.Context, e Event) (update, error) {
	a, err := d.attempt(ctx, e, d.w.Failures+1)
	if err != nil {
		return nil, err
	}
	switch {
	case a.Outcome == outbox.Delivered:
		d.keep(a)
		d.cursor, d.w.Failures = e.After, 0
		if time.Since(d.since) < saveEvery && d.leased() {
			return nil, nil
		}
		return resetFailures, nil
	case a.Outcome == outbox.Gone:
		d.keep(a)
		return d.stop(ctx, webhook.StateGONE, "GONE", "the receiver answered 410 Gone: it wants no further events"), nil
	case a.Outcome == outbox.Refused && a.number >= probeFrom:
		if u, err := d.probe(ctx, a); u != nil || err != nil {
			return u, err
		}
	}
	return d.retry(ctx, a), nil
}

// retry schedules the next attempt, or pauses the webhook after the last.
func (d *delivery) retry(ctx context.Context, a attempt) update {
	d.keep(a)
	delay, again := a.Retry(a.number)
	if !again {
		return d.stop(ctx, webhook.StatePAUSED, "FAILED", fmt.Sprintf("paused after %d failed attempts at %s over more than three days, the last: %s; nothing is lost: activate it to continue with that event", a.number, a.event.ID, a.Problem()))
	}
	d.done = true
	return func(u *ent.WebhookUpdateOne) { u.SetFailures(a.number).SetDueAt(d.store.Clock().Add(delay)) }
}

// probe sends the event after one that is refused. If that one is delivered, the refused
// one is set aside as a dead letter; otherwise probe returns nil.
func (d *delivery) probe(ctx context.Context, refused attempt) (update, error) {
	following := d.page.events
	if len(following) == 0 {
		p, err := d.read(ctx, refused.event.After)
		if err != nil || len(p.events) == 0 {
			return nil, err
		}
		following = p.events
	}
	a, err := d.attempt(ctx, following[0], 1)
	if err != nil {
		return nil, err
	}
	if a.Outcome != outbox.Delivered {
		d.keep(a)
		return nil, nil
	}
	d.o.Logger.WarnContext(ctx, "webhook event set aside: the receiver refuses it, but accepts the next", "webhook", d.w.ID, "event", refused.event.ID, "status", refused.Answer.Status)
	refused.setAside = true
	d.keep(refused)
	d.keep(a)
	d.cursor, d.page = a.event.After, nil
	return func(u *ent.WebhookUpdateOne) { u.SetFailures(0).SetDueAt(d.store.Clock()) }, nil
}

// stop ends deliveries until the webhook is activated again.
func (d *delivery) stop(ctx context.Context, state webhook.State, why, notice string) update {
	d.done = true
	d.o.Paused(why)
	d.o.Logger.WarnContext(ctx, "webhook stopped", "webhook", d.w.ID, "why", why)
	return func(u *ent.WebhookUpdateOne) { u.SetState(state).SetNotice(excerpt(notice, maxNotice)).SetFailures(0) }
}

// endPage moves the cursor to the end of a page whose events are all settled.
func (d *delivery) endPage() update {
	end, more := d.page.end, d.page.more
	d.page = nil
	finished := d.replay && (end.Position > d.w.ReplayUntil || end.Position == d.w.ReplayUntil && end.Step == "" || !more)
	moved := end != d.cursor || len(d.unsaved) > 0
	d.done = !more && !finished
	d.cursor = end
	switch {
	case finished:
		return func(u *ent.WebhookUpdateOne) { u.SetFailures(0).SetReplayUntil(0) }
	case !moved:
		return nil
	case len(d.unsaved) == 0 && !d.replay && end.Step == "" && end.Position >= end.Base && end.Position-d.w.Position < maxSkipped:
		d.skip(d.w.ID, end)
		return nil
	}
	return resetFailures
}
