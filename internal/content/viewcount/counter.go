// Package views counts how often articles are read, and tells which are read
// most.
//
// A view is counted in memory and written with all others every few seconds, in
// one transaction, so that reading costs no write. What was counted and not yet
// written is lost if the process is killed: the views of one interval at most;
// an orderly end writes them. A flush that fails keeps its counts for the next
// one. The key invariant: a view that Record took is written once, with the day
// of Asia/Shanghai on which it was taken (twice only if the database commits a
// flush and the answer is lost on the way).
//
// The package counts views, not visitors: it keeps nothing of who reads. It
// leaves an article's version and times alone, and the change log too, because
// a view is no change of the article.
package viewcount

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/store"
)

// maxPending is how many counts are kept in memory. For one more, they are
// written without waiting for the interval; while that fails, no more are taken.
const maxPending = 10_000

// Counter counts views.
type Counter struct {
	store    *store.Store
	log      *slog.Logger
	visible  *visibility
	trending trending

	mu      sync.Mutex
	pending map[count]int64
	writing int // how many counts the flush has that runs

	flushing sync.Mutex // one flush at a time
}

// count is what views are added up by.
type count struct {
	day     int // since 1970-01-01, in Asia/Shanghai
	article string
}

// New counts the views of the articles in s. What goes wrong between requests is
// told to log.
func New(s *store.Store, log *slog.Logger) *Counter {
	return &Counter{store: s, log: log, visible: newVisibility(s), pending: map[count]int64{}}
}

// Record counts one view of an article that the viewer sees.
func (c *Counter) Record(ctx context.Context, articleID string) error {
	if err := c.visible.check(ctx, articleID); err != nil {
		return err
	}
	one := count{dayOf(c.store.Clock()), articleID}
	for !c.add(one) {
		if err := c.Flush(context.WithoutCancel(ctx)); err != nil {
			return err
		}
	}
	return nil
}

// add counts a view, unless there is no room for another count.
func (c *Counter) add(one count) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.pending[one]; !ok && len(c.pending)+c.writing >= maxPending {
		return false
	}
	c.pending[one]++
	return true
}

// DefaultInterval is how often Run writes.
const DefaultInterval = 5 * time.Second

// Run writes the counts every interval (0: DefaultInterval) until ctx is over,
// and then once more. It returns what went wrong that last time.
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
			if err := c.Flush(ctx); err != nil && ctx.Err() == nil {
				c.log.WarnContext(ctx, "views were not written; they are kept and tried again", "error", err)
			}
		}
	}
}

// dayOf is the day of t in Asia/Shanghai, counted from 1970-01-01.
func dayOf(t instant.Instant) int {
	_, offset := t.Time().Zone()
	return int(t.Add(time.Duration(offset)*time.Second) / instant.Instant(24*time.Hour/time.Microsecond))
}
