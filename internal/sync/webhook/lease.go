package webhook

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"entgo.io/ent/dialect"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/webhook"
	"github.com/tonggao/tonggao/internal/foundation/outbox"
)

// errLeaseLost ends a delivery whose webhook was deleted, paused or taken over by
// another process.
var errLeaseLost = errors.New("the lease was lost")

// processName returns the name of this process in leases. An SQLite file has only one
// process, which continues with its own leases after a restart.
func processName(engine string) string {
	if engine == dialect.SQLite {
		return "the only one"
	}
	return rand.Text()
}

// takeLease makes this process the one that serves the webhook, or renews its lease.
func (d *delivery) takeLease(ctx context.Context) error {
	if d.leased() {
		return nil
	}
	now := d.store.Clock()
	return d.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		n, err := c.Webhook.Update().Where(webhook.ID(d.w.ID), webhook.StateEQ(webhook.StateACTIVE),
			webhook.Or(webhook.LeaseUntilLTE(now), webhook.Lease(d.name))).
			SetLease(d.name).SetLeaseUntil(now.Add(outbox.LeaseTime)).Save(ctx)
		if err != nil {
			return fmt.Errorf("take the lease: %w", err)
		}
		if n == 0 {
			return errLeaseLost
		}
		row, err := c.Webhook.Get(ctx, d.w.ID) // another process may have served it since it was listed
		if err != nil {
			return fmt.Errorf("read the leased webhook: %w", err)
		}
		d.w = row.Unwrap()
		return nil
	})
}

// leased reports whether the lease lasts for another attempt.
func (d *delivery) leased() bool {
	return d.w.Lease == d.name && d.w.LeaseUntil.Sub(d.store.Clock()) > outbox.RenewWithin
}

// releaseLeases lets other processes continue at once after a shutdown.
func (r *Runner) releaseLeases(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, outbox.RenewWithin)
	defer cancel()
	err := r.store.Client(ctx).Webhook.Update().Where(webhook.Lease(r.name)).SetLease("").SetLeaseUntil(0).Exec(ctx)
	if err != nil {
		r.o.Logger.WarnContext(ctx, "webhook leases not released; they expire on their own", "error", err)
	}
}
