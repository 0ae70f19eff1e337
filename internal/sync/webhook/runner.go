package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/predicate"
	"github.com/tonggao/tonggao/ent/webhook"
	"github.com/tonggao/tonggao/ent/webhookattempt"
	"github.com/tonggao/tonggao/internal/foundation/egress"
	"github.com/tonggao/tonggao/internal/foundation/heartbeat"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/outbox"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

// RunnerOptions configure deliveries.
type RunnerOptions struct {
	Client   *egress.Client
	Logger   *slog.Logger
	Interval time.Duration                            // between polls of the feed; 0: DefaultInterval
	Observe  func(outcome string, took time.Duration) // called for each attempt; may be nil
	Paused   func(why string)                         // called for each webhook that is stopped; may be nil
}

// pollTime bounds one look for what is due.
const pollTime = 10 * time.Second

// DefaultInterval is the time between two polls of the change feed.
const DefaultInterval = 200 * time.Millisecond

// Retention of attempts.
const (
	keepAttempts = 30 * 24 * time.Hour
	pruneEvery   = time.Hour
	pruneBatch   = 1000
)

// Runner delivers events. Several may share a database: a webhook is served by the one
// that holds its lease.
type Runner struct {
	*Service
	o      RunnerOptions
	name   string          // of this process in leases
	pruned instant.Instant // when attempts were last removed

	mu      sync.Mutex
	busy    map[string]bool
	slow    map[string]bool
	free    map[bool]int                 // capacity left in the slow and the quick lane
	skipped map[string]changefeed.Cursor // up to which the feed has nothing for a webhook, where that is not saved
	idle    *sync.Cond
}

// Runner returns what delivers the events of s.
func (s *Service) Runner(o RunnerOptions) *Runner {
	if o.Interval <= 0 {
		o.Interval = DefaultInterval
	}
	if o.Observe == nil {
		o.Observe = func(string, time.Duration) {}
	}
	if o.Paused == nil {
		o.Paused = func(string) {}
	}
	r := &Runner{Service: s, o: o, name: processName(s.store.Engine), busy: map[string]bool{}, slow: map[string]bool{},
		skipped: map[string]changefeed.Cursor{}, free: map[bool]int{true: slowLane, false: quickLane}}
	r.idle = sync.NewCond(&r.mu)
	return r
}

// Run delivers until ctx ends, then shuts down gracefully: attempts in flight are
// cancelled and repeated later.
func (r *Runner) Run(ctx context.Context) {
	ctx = viewer.AsSystem(ctx)
	outbox.Poll(ctx, r.o.Interval, r.woken, func(ctx context.Context) error {
		return heartbeat.Round(ctx, pollTime, func(round context.Context) error {
			err := r.begin(ctx, round)
			r.prune(round)
			return err
		})
	}, func(err error) {
		r.o.Logger.WarnContext(ctx, "webhook polling failed; retrying until it works", "error", err)
	})
	r.Wait()
	r.releaseLeases(context.WithoutCancel(ctx))
	r.o.Client.Close()
}

// Round delivers everything that is due, and returns when it was attempted.
func (r *Runner) Round(ctx context.Context) error {
	ctx = viewer.AsSystem(ctx)
	err := r.begin(ctx, ctx)
	r.Wait()
	return err
}

// begin starts to serve, in ctx, each webhook that has something due, as its lane allows.
// It reads which are due in the context of the round.
func (r *Runner) begin(ctx, round context.Context) error {
	end, err := r.log.CheckHistory(round)
	if err != nil {
		return fmt.Errorf("read the end of the change feed: %w", err)
	}
	due, err := r.store.Client(round).Webhook.Query().Where(r.due(end)).Order(ent.Asc(webhook.FieldDueAt)).All(round)
	if err != nil {
		return fmt.Errorf("list due webhooks: %w", err)
	}
	for _, w := range due {
		if w.ReplayUntil == 0 && strings.HasPrefix(w.Entry, end.Epoch) && r.skippedTo(w.ID).Position == end.Position {
			continue
		}
		if r.admit(w.ID, w.Failures > 0) {
			go r.serve(ctx, w)
		}
	}
	return nil
}

// due selects the webhooks that this process may serve now and that are behind, or have not
// announced the epoch yet.
func (r *Runner) due(end changefeed.Mark) predicate.Webhook {
	now := r.store.Clock()
	return webhook.And(webhook.StateEQ(webhook.StateACTIVE), webhook.DueAtLTE(now),
		webhook.Or(webhook.LeaseUntilLTE(now), webhook.Lease(r.name)),
		webhook.Or(webhook.PositionLT(end.Position), webhook.ReplayUntilGT(0), webhook.Not(webhook.EntryHasPrefix(end.Epoch))))
}

// serve delivers to w what is due.
func (r *Runner) serve(ctx context.Context, w *ent.Webhook) {
	d := &delivery{Runner: r, w: w}
	defer func() { r.release(w.ID, d.slow) }()
	err := d.run(ctx)
	if err != nil && ctx.Err() == nil && !errors.Is(err, errLeaseLost) {
		d.slow = true
		r.o.Logger.WarnContext(ctx, "webhook delivery failed; retrying", "webhook", w.ID, "error", err)
	}
}

// skip remembers, without saving it, up to where the feed has nothing for a webhook.
func (r *Runner) skip(id string, to changefeed.Cursor) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.skipped[id] = to
}

// skippedTo returns what skip remembered.
func (r *Runner) skippedTo(id string) changefeed.Cursor {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.skipped[id]
}

// prune removes attempts whose retention period has ended: once an hour, and then one batch
// in each round.
func (r *Runner) prune(ctx context.Context) {
	now := r.store.Clock()
	if now.Sub(r.pruned) < pruneEvery {
		return
	}
	c := r.store.Client(ctx)
	ids, err := c.WebhookAttempt.Query().Where(webhookattempt.AtLT(now.Add(-keepAttempts))).Limit(pruneBatch).IDs(ctx)
	if err == nil && len(ids) > 0 {
		_, err = c.WebhookAttempt.Delete().Where(webhookattempt.IDIn(ids...)).Exec(ctx)
	}
	if err != nil {
		r.o.Logger.WarnContext(ctx, "removing old webhook attempts failed; retrying in an hour", "error", err)
	}
	if err != nil || len(ids) < pruneBatch {
		r.pruned = now
	}
}
