package responsecache

import (
	"context"
	"math"

	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/store/invalidation"
)

// Fill is the work on an answer. End it with Finish or Abandon.
type Fill struct {
	cache  *Cache
	key    Key
	hash   uint64
	flight *flight // nil: the answer is not kept
	since  uint64  // the generation before the first statement
	from   instant.Instant
	reads  *invalidation.Reads
}

func (c *Cache) begin(k Key) *Fill {
	return &Fill{cache: c, key: k, since: c.o.Changes.Generation(), from: c.o.Clock()}
}

// Keeps reports whether the answer will be kept. It must then be read from the primary, which
// has everything that was acknowledged.
func (f *Fill) Keeps() bool { return f.flight != nil }

// Record returns the context under which the query is executed.
func (f *Fill) Record(ctx context.Context) context.Context {
	ctx, f.reads = invalidation.WithReads(ctx)
	return ctx
}

// Finish returns the answer, with the position of the log that it reflects at least (0: none),
// and keeps it if it still holds. Record was called before.
func (f *Fill) Finish(ctx context.Context, body []byte, position int64) *Answer {
	a := newAnswer(f, body, position)
	if f.flight == nil {
		return a
	}
	if a.Private || !f.bound(ctx, a) || !f.cache.holds(a) {
		f.Abandon()
		return a
	}
	a.key.Raw = append([]byte(nil), f.key.Raw...)
	f.cache.answers.Set(f.hash, a)
	f.flight.answer = a
	f.Abandon()
	return a
}

// Abandon ends the work: others may compute the answer.
func (f *Fill) Abandon() {
	if f.flight == nil {
		return
	}
	f.cache.mu.Lock()
	delete(f.cache.flights, f.hash)
	f.cache.mu.Unlock()
	close(f.flight.done)
	f.flight = nil
}

// bound sets until when the answer holds. It reports false where that is not known.
func (f *Fill) bound(ctx context.Context, a *Answer) bool {
	if f.reads.Views() {
		a.until = f.from.Add(f.cache.o.ViewsAge)
	}
	next, err := f.cache.nextDue(ctx, f.from)
	a.until = min(a.until, next)
	return err == nil
}

// due remembers when time will next show or hide an article.
type due struct {
	since uint64          // the generation before it was read
	from  instant.Instant // it is the next moment after this one
	at    instant.Instant
}

// schedule is what it depends on.
var schedule = invalidation.DependOnSchedule()

// never is later than any time.
const never = instant.Instant(math.MaxInt64)

// nextDue returns when time will next show or hide an article after now.
func (c *Cache) nextDue(ctx context.Context, now instant.Instant) (instant.Instant, error) {
	if d := c.due.Load(); d != nil && d.from <= now && now < d.at && c.o.Changes.Unchanged(schedule, d.since) {
		return d.at, nil
	}
	d := &due{since: c.o.Changes.Generation(), from: now, at: never}
	at, err := c.o.NextDue(invalidation.Unrecorded(ctx), now)
	if err != nil {
		return 0, err
	}
	if at != nil {
		d.at = *at
	}
	c.due.Store(d)
	return d.at, nil
}
