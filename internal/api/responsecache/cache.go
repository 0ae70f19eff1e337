// Package responsecache keeps the answers to anonymous queries as finished bytes, by the bytes
// of the request. A hit is neither parsed nor executed.
//
// Invariant: a hit has the bytes that executing the query at that moment would have, for every
// change that this process has acknowledged and for every change of another process that is a
// second old, except that view counts may be older by the interval in which they are written.
// The package store/invalidation says what an answer depends on and what was changed. An answer
// also ends when the next article is published or expires by its time.
//
// An answer is kept from the second request for it on, so that requests that are each sent once
// evict nothing. Of several requests for the same answer at one time one computes it, and the
// others wait a while. Answers with errors, or with anything that is not public, are not kept.
package responsecache

import (
	"bytes"
	"context"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"

	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/store/invalidation"
)

// Freshness applies what other processes have changed.
type Freshness interface {
	// Ensure fails where answers may be too old, or the log has not come to a position.
	Ensure(ctx context.Context, atLeast int64) error
	// Position returns up to which position of the log changes were applied.
	Position() int64
}

// Options configure a Cache.
type Options struct {
	Bytes     int64 // of all answers together; 0: none is kept
	Changes   *invalidation.Tracker
	Freshness Freshness
	Clock     instant.Clock
	ViewsAge  time.Duration // how long an answer with view counts is kept

	// NextDue returns when time will next show or hide an article after now; nil for never.
	NextDue func(ctx context.Context, now instant.Instant) (*instant.Instant, error)
}

// How many hashes of requests that came once are remembered, and how long a request waits for
// another one that computes its answer.
const (
	seenOnce = 16 << 10
	maxWait  = 2 * time.Second
)

// Cache keeps answers.
type Cache struct {
	o       Options
	answers *otter.Cache[uint64, *Answer] // nil: none is kept
	counter *stats.Counter
	seed    maphash.Seed
	seen    [seenOnce]atomic.Uint64
	due     atomic.Pointer[due]

	mu      sync.Mutex
	flights map[uint64]*flight

	hits, misses, waits, stale atomic.Int64
}

// New returns an empty cache.
func New(o Options) *Cache {
	c := &Cache{o: o, seed: maphash.MakeSeed(), counter: stats.NewCounter(), flights: map[uint64]*flight{}}
	if o.Bytes > 0 {
		c.answers = otter.Must(&otter.Options[uint64, *Answer]{
			MaximumWeight: uint64(o.Bytes),
			Weigher:       func(_ uint64, a *Answer) uint32 { return a.weight() },
			StatsRecorder: c.counter,
			Executor:      func(evict func()) { evict() }, // at once, without a goroutine
		})
	}
	return c
}

// Key identifies an answer: the bytes of the request, and all else that it depends on.
type Key struct {
	Kind string // method, media type, terminal, language
	Raw  []byte // the body, or the query string
}

func (k Key) equal(o Key) bool { return k.Kind == o.Kind && bytes.Equal(k.Raw, o.Raw) }

func (c *Cache) hash(k Key) uint64 {
	var h maphash.Hash
	h.SetSeed(c.seed)
	_, _ = h.WriteString(k.Kind)
	_ = h.WriteByte(0)
	_, _ = h.Write(k.Raw)
	return h.Sum64()
}

// seenBefore reports whether a request came before, as far as it is remembered, and remembers
// it.
func (c *Cache) seenBefore(hash uint64) bool { return c.seen[hash%seenOnce].Swap(hash) == hash }

// Get returns the answer to a request that reflects the log up to a position at least, and its
// position; nil where there is none that still holds.
func (c *Cache) Get(ctx context.Context, k Key, atLeast int64) (*Answer, int64) {
	if c.answers == nil {
		return nil, 0
	}
	return c.get(ctx, c.hash(k), k, atLeast)
}

func (c *Cache) get(ctx context.Context, hash uint64, k Key, atLeast int64) (*Answer, int64) {
	a, ok := c.answers.GetIfPresent(hash)
	if !ok || !a.key.equal(k) {
		return nil, 0
	}
	wanted := atLeast
	if a.position >= atLeast {
		wanted = 0
	}
	if c.o.Freshness.Ensure(ctx, wanted) != nil {
		return nil, 0
	}
	position := c.o.Freshness.Position() // before the check, which so covers it
	if !c.holds(a) {
		c.stale.Add(1)
		return nil, 0
	}
	if a.position > 0 {
		position = max(position, a.position)
	} else {
		position = 0
	}
	return a, position
}

// holds reports whether an answer is what executing the query now would return.
func (c *Cache) holds(a *Answer) bool {
	if now := c.o.Clock(); now < a.from || now >= a.until {
		return false
	}
	generation := c.o.Changes.Generation()
	if a.checked.Load() == generation {
		return true
	}
	if !c.o.Changes.Unchanged(a.dependencies, a.since) {
		return false
	}
	a.checked.Store(generation)
	return true
}

// flight is the work on one answer.
type flight struct {
	key    Key
	done   chan struct{}
	answer *Answer // nil: it must not be kept, or there was an error
}

// Await returns the answer to a request that another request computes at the moment, or a Fill
// with which the caller computes it. A Fill without a place in the cache is returned for a
// request that comes for the first time, and for one that has waited long enough.
func (c *Cache) Await(ctx context.Context, k Key) (*Answer, int64, *Fill) {
	c.misses.Add(1)
	if c.answers == nil {
		return nil, 0, c.begin(k)
	}
	hash := c.hash(k)
	if !c.seenBefore(hash) || c.o.Freshness.Ensure(ctx, 0) != nil {
		return nil, 0, c.begin(k)
	}
	for range 2 {
		c.mu.Lock()
		other := c.flights[hash]
		if other == nil {
			f := c.begin(k)
			f.hash, f.flight = hash, &flight{key: k, done: make(chan struct{})}
			c.flights[hash] = f.flight
			c.mu.Unlock()
			return nil, 0, f
		}
		c.mu.Unlock()
		if !other.key.equal(k) || !wait(ctx, other.done) {
			break
		}
		// It may have been begun before a write of which this client knows.
		if a := other.answer; a != nil && c.holds(a) {
			c.waits.Add(1)
			return a, a.position, nil
		}
	}
	return nil, 0, c.begin(k)
}

func wait(ctx context.Context, done <-chan struct{}) bool {
	timer := time.NewTimer(maxWait)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

// CountHit counts an answer from the cache.
func (c *Cache) CountHit() { c.hits.Add(1) }

// Stats are what a cache has done so far, and holds.
type Stats struct {
	Hits, Misses, Waits int64 // requests that were answered from memory, computed, and that waited for another
	Invalidated         int64 // requests that found an answer that does not hold any more
	Evicted             int64
	Answers, Bytes      int64
}

// Stats returns what the cache has done.
func (c *Cache) Stats() Stats {
	s := Stats{Hits: c.hits.Load(), Misses: c.misses.Load(), Waits: c.waits.Load(), Invalidated: c.stale.Load()}
	if c.answers != nil {
		s.Evicted = int64(c.counter.Snapshot().Evictions)
		s.Answers, s.Bytes = int64(c.answers.EstimatedSize()), int64(c.answers.WeightedSize())
	}
	return s
}
