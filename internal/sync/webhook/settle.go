package webhook

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/webhook"
	"github.com/tonggao/tonggao/ent/webhookattempt"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

type maybeText = optional.String

const (
	// saveEvery is how long what was delivered waits to be written down together
	// with more; at the end of a page it waits no longer. After a crash, so many
	// events arrive a second time.
	saveEvery = 250 * time.Millisecond
	// looseEnd is how many entries that a filter keeps out are passed before the
	// place is written down.
	looseEnd = 500
)

// errTaken ends a turn whose webhook is somebody else's, or gone.
var errTaken = errors.New("the webhook was taken away")

// takeLease makes the webhook this process's own, unless another has it.
func (r *Runner) takeLease(ctx context.Context, t *delivery) error {
	now := r.store.Clock()
	if t.w.Lease == r.name && t.w.LeaseUntil.Sub(now) > leaseLeft {
		return nil
	}
	return r.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		n, err := c.Webhook.Update().Where(webhook.ID(t.w.ID), webhook.StateEQ(webhook.StateACTIVE),
			webhook.Or(webhook.LeaseUntilLTE(now), webhook.Lease(r.name))).
			SetLease(r.name).SetLeaseUntil(now.Add(leaseTime)).Save(ctx)
		if err != nil {
			return fmt.Errorf("take the lease: %w", err)
		}
		if n == 0 {
			return errTaken
		}
		row, err := c.Webhook.Get(ctx, t.w.ID) // another may have served it since it was looked up
		if err != nil {
			return err
		}
		t.w = row.Unwrap()
		return nil
	})
}

// note keeps an attempt until it is written down.
func (t *delivery) note(a attempt) {
	if len(t.unsaved) == 0 {
		t.since = time.Now()
	}
	t.unsaved = append(t.unsaved, a)
}

// settle moves on behind an event that was taken.
func (t *delivery) settle(ctx context.Context, a attempt) error {
	t.note(a)
	t.at, t.w.Failures = a.event.After, 0
	if time.Since(t.since) < saveEvery && t.w.LeaseUntil.Sub(t.store.Clock()) > leaseLeft {
		return nil
	}
	return t.save(ctx, func(u *ent.WebhookUpdateOne) { u.SetFailures(0) })
}

// reached is the end of a page: everything up to end is settled.
func (t *delivery) reached(ctx context.Context, end changefeed.Cursor, more bool) error {
	finished := t.replay && (end.Position > t.w.ReplayUntil || end.Position == t.w.ReplayUntil && end.Step == "" || !more)
	moved := end != t.at || len(t.unsaved) > 0
	t.over = !more && !finished
	t.at = end
	switch {
	case finished:
		return t.save(ctx, func(u *ent.WebhookUpdateOne) { u.SetFailures(0).SetReplayUntil(0) })
	case !moved:
		return nil
	case len(t.unsaved) == 0 && !t.replay && end.Step == "" && end.Position >= end.Base && t.at.Position-t.w.Position < looseEnd:
		t.know(t.w.ID, t.at)
		return nil
	}
	return t.save(ctx, func(u *ent.WebhookUpdateOne) { u.SetFailures(0) })
}

// save writes down the attempts, the place and what change adds, provided that the
// webhook is still this process's. It sees what others changed meanwhile.
func (t *delivery) save(ctx context.Context, change func(*ent.WebhookUpdateOne)) error {
	var saved *ent.Webhook
	err := t.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		if err := t.store.Lock(ctx, c, "SELECT 1 FROM webhooks WHERE id = $1 FOR UPDATE", t.w.ID); err != nil {
			return err
		}
		now, err := c.Webhook.Get(ctx, t.w.ID)
		if ent.IsNotFound(err) || err == nil && now.Lease != t.name {
			return errTaken
		}
		if err != nil {
			return err
		}
		if err := t.saveAttempts(ctx, c); err != nil {
			return err
		}
		u := c.Webhook.UpdateOneID(t.w.ID).SetLeaseUntil(t.store.Clock().Add(leaseTime))
		if now.UpdatedAt == t.w.UpdatedAt {
			change(u)
		} else {
			t.over = true // look at it afresh: the address, the filter or the state may be others
		}
		if !t.replay {
			u.SetPosition(t.at.Position).SetBase(t.at.Base).SetStep(t.at.Step)
		} else if now.UpdatedAt == t.w.UpdatedAt { // not another replay by now
			u.SetReplayPosition(t.at.Position).SetReplayStep(t.at.Step)
		}
		saved, err = u.Save(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("write down what a webhook was told: %w", err)
	}
	t.w, t.unsaved = saved.Unwrap(), nil
	return nil
}

// saveAttempts adds to the log of attempts. What was set aside, and arrived in a
// replay, is no longer aside.
func (t *delivery) saveAttempts(ctx context.Context, c *ent.Client) error {
	rows := make([]*ent.WebhookAttemptCreate, len(t.unsaved))
	arrived := make([]string, 0, len(t.unsaved))
	for i, a := range t.unsaved {
		rows[i] = a.row(c, t.w.ID)
		if a.outcome == webhookattempt.OutcomeDELIVERED {
			arrived = append(arrived, a.event.ID)
		}
	}
	if err := c.WebhookAttempt.CreateBulk(rows...).Exec(ctx); err != nil {
		return err
	}
	if !t.replay || len(arrived) == 0 {
		return nil
	}
	return c.WebhookAttempt.Update().Where(webhookattempt.WebhookID(t.w.ID), webhookattempt.OutcomeEQ(webhookattempt.OutcomeSET_ASIDE),
		webhookattempt.EventIn(arrived...)).SetOutcome(webhookattempt.OutcomeFAILED).Exec(ctx)
}

// know remembers how far the log holds nothing for a webhook, without writing it
// down.
func (r *Runner) know(id string, at changefeed.Cursor) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known[id] = at
}

func (r *Runner) knownPlace(id string) changefeed.Cursor {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known[id]
}
