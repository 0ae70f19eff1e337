// Package limit lets through so much from each source and no more.
//
// A Limiter is a token bucket for each source. There are at most so many buckets: the
// one that was asked for longest ago makes room for a new one, which errs on the side
// of letting through and costs the same however many sources come.
package ratelimit

import (
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Limiter lets through so much a second from each source, and short bursts.
type Limiter[Source comparable] struct {
	rate, burst float64
	penalty     float64 // what one that is refused costs

	mu      sync.Mutex
	buckets *simplelru.LRU[Source, bucket]
}

type bucket struct {
	tokens float64
	owed   float64 // for having asked while refused
	at     time.Time
}

const maxBuckets = 100_000 // about 20 MB

// overtaken is how much later than another request one may come that looked at the clock
// before it; no time passes twice then. A clock that goes back further was set.
const overtaken = time.Minute

// New is a limiter that lets through rate a second, and burst at once.
func New[Source comparable](rate, burst float64) *Limiter[Source] {
	buckets, err := simplelru.NewLRU[Source, bucket](maxBuckets, nil)
	if err != nil {
		panic("limit: no room for buckets: " + err.Error()) // the size above is positive
	}
	return &Limiter[Source]{rate: rate, burst: burst, buckets: buckets}
}

// payable is how much of what comes in is taken for what is owed, so that whoever shares
// an address with somebody who goes on asking is not shut out.
const maxRepayment = 0.9

// rounding is what may lack of one, so that whoever waits as long as told is let through.
const rounding = 1e-6

// Charging makes those pay that go on asking while they are refused: each refusal costs a
// part of one that is let through.
func (l *Limiter[Source]) Charging(part float64) *Limiter[Source] {
	l.penalty = part
	return l
}

// Take lets one through (0), or says how long to wait for the next.
func (l *Limiter[Source]) Take(from Source, now time.Time) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, known := l.buckets.Get(from)
	if !known {
		b = bucket{tokens: l.burst, at: now}
	}
	passed := now.Sub(b.at)
	gained := l.rate * max(0, passed.Seconds())
	paid := min(b.owed, maxRepayment*gained)
	b.tokens, b.owed = min(l.burst, b.tokens+gained-paid), b.owed-paid
	if passed > 0 || passed < -overtaken {
		b.at = now
	}
	if lacking := 1 - b.tokens; lacking > rounding {
		b.owed = min(l.burst, b.owed+l.penalty)
		wait = max(time.Nanosecond, time.Duration(min(lacking+b.owed, lacking/(1-maxRepayment))/l.rate*float64(time.Second)))
	} else {
		b.tokens--
	}
	l.buckets.Add(from, b)
	return wait
}

// Network is what shares one bucket with an address: an IPv4 address by itself, the /64
// of an IPv6 address, which belongs to one customer.
func Network(addr netip.Addr) netip.Prefix {
	bits := 64
	if addr = addr.Unmap().WithZone(""); addr.Is4() {
		bits = 32
	}
	network, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // of nobody we know: they share one
	}
	return network
}
