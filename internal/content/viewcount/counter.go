// Package viewcount counts how often articles are read, and ranks them by it.
//
// A view is counted in memory and written with all others every few seconds in one
// transaction (write-behind), so that reading costs no write. If the process is killed, the
// views of one interval are lost at most; a graceful shutdown writes them. A flush that
// fails keeps its counts for the next one. The invariant: a view that Record counted is
// written once, with the day of Asia/Shanghai on which it was counted (twice only if the
// database commits a flush and its answer is lost).
//
// The package counts views, not visitors, and stores no personal data. It changes neither
// an article's version and times nor the change feed.
package viewcount

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/heartbeat"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/store"
)

// maxPending bounds the counts in memory (backpressure). Before one more they are flushed
// without waiting for the interval; while that fails, Record fails.
const maxPending = 10_000

// Counter counts views.
type Counter struct {
	store    *store.Store
	log      *slog.Logger
	visible  *visibility
	trending trending

	mu      sync.Mutex
	pending map[count]int64
	writing int // the number of counts in the flush that is running

	flushing sync.Mutex // one flush at a time
}

// count is what views are summed by.
type count struct {
	day     int // since 1970-01-01, in Asia/Shanghai
	article string
}

// New returns a counter of the views of the articles in s. It reports failed flushes to log.
func New(s *store.Store, log *slog.Logger) *Counter {
	return &Counter{store: s, log: log, visible: newVisibility(s), pending: map[count]int64{}}
}

// Counts reports whether views are counted: they are not if the store only reads.
func (c *Counter) Counts() bool { return !c.store.ReadOnly() }

// Record counts one view of an article that the viewer can see.
func (c *Counter) Record(ctx context.Context, articleID string) error {
	if err := c.visible.check(ctx, articleID); err != nil || !c.Counts() {
		return err
	}
	one := count{dayOf(c.store.Clock()), articleID}
	for !c.tryAdd(one) {
		if err := c.Flush(context.WithoutCancel(ctx)); err != nil {
			return err
		}
	}
	return nil
}

// tryAdd counts a view, unless that takes one more count than may be pending.
func (c *Counter) tryAdd(one count) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.pending[one]; !ok && len(c.pending)+c.writing >= maxPending {
		return false
	}
	c.pending[one]++
	return true
}

// flushTime bounds one flush.
const flushTime = 30 * time.Second

// DefaultInterval is how often Run flushes.
const DefaultInterval = 5 * time.Second

// Run flushes the counts every interval (0: DefaultInterval) until ctx ends, and then once
// more. It returns the error of that last flush.
func (c *Counter) Run(ctx context.Context, interval time.Duration) error {
	if interval <= 0 {
		interval = DefaultInterval
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), DefaultInterval)
			defer cancel()
			return c.Flush(last)
		case <-ticker.C:
			if err := heartbeat.Round(ctx, flushTime, c.Flush); err != nil && ctx.Err() == nil {
				c.log.WarnContext(ctx, "writing view counts failed; retrying", "error", err)
			}
		}
	}
}

// dayOf returns the day of t in Asia/Shanghai, counted from 1970-01-01.
func dayOf(t instant.Instant) int {
	_, offset := t.Time().Zone()
	return int(t.Add(time.Duration(offset)*time.Second) / instant.Instant(24*time.Hour/time.Microsecond))
}
