package webhook

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"entgo.io/ent/dialect"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/predicate"
	"github.com/tonggao/tonggao/ent/webhook"
	"github.com/tonggao/tonggao/ent/webhookattempt"
	"github.com/tonggao/tonggao/internal/foundation/egress"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/foundation/webhooksig"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

// RunnerOptions are what the program decides about deliveries.
type RunnerOptions struct {
	Client   *egress.Client
	Logger   *slog.Logger
	Interval time.Duration                            // how often the log is looked at; 0: DefaultInterval
	Observe  func(outcome string, took time.Duration) // each attempt; nil: nobody listens
	Paused   func(why string)                         // each webhook that is stopped; nil: nobody listens
}

// Timing. A lease outlives the longest attempt, so that whoever takes a webhook
// over does so after the last word of the one before.
const (
	DefaultInterval = 200 * time.Millisecond
	leaseTime       = 45 * time.Second
	leaseLeft       = 25 * time.Second // with less, it is taken anew; an attempt and a probe take 20
	keepAttempts    = 30 * 24 * time.Hour
	pruneEvery      = time.Hour
	pruneAtOnce     = 1000
)

// Those that were quick the last time and those that were not run in lanes of
// their own: however many hang, the others have room.
const (
	quickLane = 256
	slowLane  = 32
	slowAfter = time.Second
)

// Runner delivers. Several may run over one database: a webhook is served by the
// one that holds its lease.
type Runner struct {
	*Service
	o    RunnerOptions
	name string // of this process in leases

	mu    sync.Mutex
	busy  map[string]bool
	slow  map[string]bool
	free  map[bool]int                 // places left in the slow and the quick lane
	known map[string]changefeed.Cursor // places up to which the log holds nothing for a webhook
	idle  *sync.Cond
}

// Runner makes what delivers s's webhooks.
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
		known: map[string]changefeed.Cursor{}, free: map[bool]int{true: slowLane, false: quickLane}}
	r.idle = sync.NewCond(&r.mu)
	return r
}

// processName tells processes apart. An SQLite file has one, which takes its own
// leases over when it comes back.
func processName(engine string) string {
	if engine == dialect.SQLite {
		return "the only one"
	}
	return webhooksig.NewSecret()[len(webhooksig.Prefix):][:20]
}

// Run delivers until ctx is over; what is on its way then is ended and tried again
// later.
func (r *Runner) Run(ctx context.Context) {
	ctx = viewer.AsSystem(ctx)
	ticker := time.NewTicker(r.o.Interval)
	defer ticker.Stop()
	told := false
	for pruned := instant.Instant(0); ctx.Err() == nil; {
		err := r.begin(ctx)
		if err != nil && ctx.Err() == nil && !told {
			r.o.Logger.WarnContext(ctx, "webhooks cannot be looked up; this is tried again until it works", "error", err)
		}
		told = err != nil
		if now := r.store.Clock(); now.Sub(pruned) >= pruneEvery {
			pruned = now
			r.prune(ctx)
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		case <-r.woken:
		}
	}
	r.Wait()
	r.giveUpLeases(context.WithoutCancel(ctx))
	r.o.Client.Close()
}

// Round delivers everything that is due, and waits until it was tried.
func (r *Runner) Round(ctx context.Context) error {
	err := r.begin(viewer.AsSystem(ctx))
	r.Wait()
	return err
}

// Wait waits until nothing is on its way.
func (r *Runner) Wait() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.busy) > 0 {
		r.idle.Wait()
	}
}

// begin starts to serve each webhook that has something due, as lanes allow.
func (r *Runner) begin(ctx context.Context) error {
	end, err := r.log.End(ctx)
	if err != nil {
		return err
	}
	due, err := r.store.Client(ctx).Webhook.Query().Where(r.due(end)).Order(ent.Asc(webhook.FieldDueAt)).All(ctx)
	if err != nil {
		return err
	}
	for _, w := range due {
		if w.ReplayUntil == 0 && r.knownPlace(w.ID).Position >= end {
			continue
		}
		if r.admit(w.ID, w.Failures > 0) {
			go r.serve(ctx, w)
		}
	}
	return nil
}

// due is the webhooks that this process may serve now and that are behind.
func (r *Runner) due(end int64) predicate.Webhook {
	now := r.store.Clock()
	return webhook.And(webhook.StateEQ(webhook.StateACTIVE), webhook.DueAtLTE(now),
		webhook.Or(webhook.LeaseUntilLTE(now), webhook.Lease(r.name)),
		webhook.Or(webhook.PositionLT(end), webhook.ReplayUntilGT(0)))
}

// admit takes a place in a lane; it refuses what is served already.
func (r *Runner) admit(id string, failed bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	slow := failed || r.slow[id]
	if r.busy[id] || r.free[slow] == 0 {
		return false
	}
	r.free[slow]--
	r.busy[id], r.slow[id] = true, slow
	return true
}

// leave gives the place back.
func (r *Runner) leave(id string, slow bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.free[r.slow[id]]++
	delete(r.busy, id)
	if r.slow[id] = slow; !slow {
		delete(r.slow, id)
	}
	r.idle.Broadcast()
}

// giveUpLeases lets another process go on at once.
func (r *Runner) giveUpLeases(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, leaseLeft)
	defer cancel()
	err := r.store.Client(ctx).Webhook.Update().Where(webhook.Lease(r.name)).SetLease("").SetLeaseUntil(0).Exec(ctx)
	if err != nil {
		r.o.Logger.WarnContext(ctx, "the leases of webhooks were not given up; they run out by themselves", "error", err)
	}
}

// prune forgets old attempts, some at a time.
func (r *Runner) prune(ctx context.Context) {
	old := r.store.Clock().Add(-keepAttempts)
	for ctx.Err() == nil {
		c := r.store.Client(ctx)
		ids, err := c.WebhookAttempt.Query().Where(webhookattempt.AtLT(old)).Limit(pruneAtOnce).IDs(ctx)
		if err == nil && len(ids) > 0 {
			_, err = c.WebhookAttempt.Delete().Where(webhookattempt.IDIn(ids...)).Exec(ctx)
		}
		if err != nil {
			r.o.Logger.WarnContext(ctx, "old attempts of webhooks were not removed; this is tried again", "error", err)
		}
		if err != nil || len(ids) < pruneAtOnce {
			return
		}
	}
}

// jitter is a random number in [0, 1).
func jitter() float64 { return rand.Float64() }
