package webhook

import (
	"context"
	"fmt"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/webhookattempt"
	"github.com/tonggao/tonggao/internal/foundation/outbox"
)

// keep adds an attempt to those that the next save logs.
func (d *delivery) keep(a attempt) {
	if len(d.unsaved) == 0 {
		d.since = time.Now()
	}
	d.unsaved = append(d.unsaved, a)
}

// save writes the attempts, the cursor and set in one transaction, if this process still
// holds the lease. What a user changed in the meantime is kept: then only the attempts
// and the cursor are saved, and the delivery ends, to begin again with the new settings.
func (d *delivery) save(ctx context.Context, set update) error {
	var saved *ent.Webhook
	err := d.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		if err := d.store.Lock(ctx, c, "SELECT 1 FROM webhooks WHERE id = $1 FOR UPDATE", d.w.ID); err != nil {
			return err
		}
		now, err := c.Webhook.Get(ctx, d.w.ID)
		if ent.IsNotFound(err) || err == nil && now.Lease != d.name {
			return errLeaseLost
		}
		if err != nil {
			return err
		}
		if err := d.saveAttempts(ctx, c); err != nil {
			return err
		}
		u := c.Webhook.UpdateOneID(d.w.ID).SetLeaseUntil(d.store.Clock().Add(outbox.LeaseTime))
		unchanged := now.UpdatedAt == d.w.UpdatedAt
		if unchanged {
			set(u)
		} else {
			d.done = true
		}
		if !d.replay {
			u.SetPosition(d.cursor.Position).SetBase(d.cursor.Base).SetStep(d.cursor.Step).SetEntry(d.cursor.Entry)
		} else if unchanged { // the user may have asked for another replay
			u.SetReplayPosition(d.cursor.Position).SetReplayStep(d.cursor.Step)
		}
		saved, err = u.Save(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("save the outcome of deliveries: %w", err)
	}
	d.w, d.unsaved = saved.Unwrap(), nil
	return nil
}

// saveAttempts adds to the log of attempts. A dead letter that a replay delivered is a
// dead letter no more.
func (d *delivery) saveAttempts(ctx context.Context, c *ent.Client) error {
	rows := make([]*ent.WebhookAttemptCreate, len(d.unsaved))
	var delivered []string
	for i, a := range d.unsaved {
		rows[i] = a.create(c, d.w.ID)
		if a.outcome() == webhookattempt.OutcomeDELIVERED {
			delivered = append(delivered, a.event.ID)
		}
	}
	if err := c.WebhookAttempt.CreateBulk(rows...).Exec(ctx); err != nil {
		return fmt.Errorf("log the attempts: %w", err)
	}
	if !d.replay || len(delivered) == 0 {
		return nil
	}
	err := c.WebhookAttempt.Update().Where(webhookattempt.WebhookID(d.w.ID), webhookattempt.OutcomeEQ(webhookattempt.OutcomeSET_ASIDE),
		webhookattempt.EventIn(delivered...)).SetOutcome(webhookattempt.OutcomeFAILED).Exec(ctx)
	if err != nil {
		return fmt.Errorf("clear dead letters: %w", err)
	}
	return nil
}
