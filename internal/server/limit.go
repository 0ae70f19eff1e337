package server

import (
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// limiter lets through so many requests a second from each address, and short
// bursts. It is a token bucket for each address. There are at most maxBuckets:
// the one that was asked for longest ago makes room for a new one, which errs on
// the side of letting through and costs the same however many addresses come.
type limiter struct {
	rate, burst float64

	mu      sync.Mutex
	buckets *simplelru.LRU[netip.Prefix, bucket]
}

type bucket struct {
	tokens float64
	at     time.Time
}

const maxBuckets = 100_000 // about 20 MB

func newLimiter(perSecond int) *limiter {
	buckets, err := simplelru.NewLRU[netip.Prefix, bucket](maxBuckets, nil)
	if err != nil {
		panic("server: no room for buckets: " + err.Error()) // the size above is positive
	}
	return &limiter{rate: float64(perSecond), burst: 3 * float64(perSecond), buckets: buckets}
}

// take lets one request through (0), or says how long to wait for the next.
func (l *limiter) take(from netip.Prefix, now time.Time) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, known := l.buckets.Get(from)
	if !known {
		b = bucket{tokens: l.burst, at: now}
	}
	b.tokens = min(l.burst, b.tokens+l.rate*max(0, now.Sub(b.at).Seconds()))
	b.at = now
	if b.tokens < 1 {
		wait = max(time.Nanosecond, time.Duration((1-b.tokens)/l.rate*float64(time.Second)))
	} else {
		b.tokens--
	}
	l.buckets.Add(from, b)
	return wait
}
