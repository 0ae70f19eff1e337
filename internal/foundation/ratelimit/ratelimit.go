// Package ratelimit limits the rate of requests from each source with token buckets.
//
// Memory is bounded: at most maxBuckets sources are tracked, and the least recently used
// bucket is evicted for a new source, which then starts with a full one. The cost of a
// request does not depend on the number of sources. Limits are per process; they are not
// shared between replicas.
package ratelimit

import (
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Limiter admits a rate per second from each source, and short bursts.
type Limiter[Source comparable] struct {
	rate, burst float64
	penalty     float64 // cost of a refused request, in tokens

	mu      sync.Mutex
	buckets *simplelru.LRU[Source, bucket]
}

type bucket struct {
	tokens float64
	debt   float64 // unpaid penalties, in tokens
	at     time.Time
}

const maxBuckets = 100_000 // about 20 MB

// maxReorder bounds how much older the time of a request may be than that of one before
// it, because they read the clock in another order; no time is then credited twice. A
// clock that goes back further was set.
const maxReorder = time.Minute

// New returns a limiter that admits rate requests per second, and burst at once.
func New[Source comparable](rate, burst float64) *Limiter[Source] {
	buckets, err := simplelru.NewLRU[Source, bucket](maxBuckets, nil)
	if err != nil {
		panic("ratelimit: " + err.Error()) // maxBuckets is positive
	}
	return &Limiter[Source]{rate: rate, burst: burst, buckets: buckets}
}

// maxRepayment caps the share of new tokens that repays penalties, so that clients behind
// the same NAT are not starved by one that keeps retrying.
const maxRepayment = 0.9

// rounding is the part of a token that may be missing, so that a client that waits
// exactly as long as Take returned is admitted.
const rounding = 1e-6

// Charging sets the penalty of a refused request, as a part of the cost of an admitted
// one, so that clients that keep retrying are served less than those that wait.
func (l *Limiter[Source]) Charging(part float64) *Limiter[Source] {
	l.penalty = part
	return l
}

// Take admits a request of one token and returns 0, or returns how long the source has to
// wait.
func (l *Limiter[Source]) Take(from Source, now time.Time) (wait time.Duration) {
	return l.Spend(from, 1, now)
}

// Spend admits a request of a price in tokens and returns 0, or returns how long the source
// has to wait. A price above the burst needs all of it.
func (l *Limiter[Source]) Spend(from Source, price float64, now time.Time) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.fill(from, now)
	if missing := min(price, l.burst) - b.tokens; missing > rounding {
		b.debt = min(l.burst, b.debt+l.penalty)
		wait = max(time.Nanosecond, time.Duration(min(missing+b.debt, missing/(1-maxRepayment))/l.rate*float64(time.Second)))
	} else {
		b.tokens -= price
	}
	l.buckets.Add(from, b)
	return wait
}

// Charge takes tokens for what was admitted before, or gives them back if cost is negative.
// A source can be as far in debt as its burst.
func (l *Limiter[Source]) Charge(from Source, cost float64, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.fill(from, now)
	b.tokens = max(-l.burst, min(l.burst, b.tokens-cost))
	l.buckets.Add(from, b)
}

// fill returns the bucket of a source with the tokens that it has gained. The caller holds mu.
func (l *Limiter[Source]) fill(from Source, now time.Time) bucket {
	b, known := l.buckets.Get(from)
	if !known {
		b = bucket{tokens: l.burst, at: now}
	}
	passed := now.Sub(b.at)
	gained := l.rate * max(0, passed.Seconds())
	paid := min(b.debt, maxRepayment*gained)
	b.tokens, b.debt = min(l.burst, b.tokens+gained-paid), b.debt-paid
	if passed > 0 || passed < -maxReorder {
		b.at = now
	}
	return b
}

// Return gives back what Take admitted, because the request failed and will be sent again.
func (l *Limiter[Source]) Return(from Source) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b, known := l.buckets.Get(from); known {
		b.tokens = min(l.burst, b.tokens+1)
		l.buckets.Add(from, b)
	}
}

// Network returns the prefix that shares one bucket with an address: the IPv4 address
// alone, or the /64 of an IPv6 address, which belongs to one customer.
func Network(addr netip.Addr) netip.Prefix {
	bits := 64
	if addr = addr.Unmap().WithZone(""); addr.Is4() {
		bits = 32
	}
	network, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // all clients without an address share one
	}
	return network
}
