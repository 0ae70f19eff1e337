package server

import (
	"net/netip"
	"sync"
	"time"
)

// limiter lets through so many requests a second from each address, and short
// bursts. It is a token bucket for each address; a bucket that is full again is
// forgotten, and there are at most maxBuckets, so memory is bounded whatever
// addresses come.
type limiter struct {
	rate, burst float64

	mu      sync.Mutex
	buckets map[netip.Prefix]bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

const maxBuckets = 100_000

func newLimiter(perSecond int) *limiter {
	return &limiter{rate: float64(perSecond), burst: 3 * float64(perSecond), buckets: make(map[netip.Prefix]bucket)}
}

// take lets one request through, or says how long to wait.
func (l *limiter) take(from netip.Prefix, now time.Time) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, known := l.buckets[from]
	if !known {
		l.makeRoom(now)
		b = bucket{tokens: l.burst, at: now}
	}
	b.tokens = min(l.burst, b.tokens+l.rate*max(0, now.Sub(b.at).Seconds()))
	b.at = now
	if b.tokens < 1 {
		wait = time.Duration((1 - b.tokens) / l.rate * float64(time.Second))
	} else {
		b.tokens--
	}
	l.buckets[from] = b
	return wait
}

// makeRoom forgets the buckets that are full again; where all are in use, it
// forgets some of them, which errs on the side of letting through.
func (l *limiter) makeRoom(now time.Time) {
	if len(l.buckets) < maxBuckets {
		return
	}
	full := time.Duration(l.burst / l.rate * float64(time.Second))
	for from, b := range l.buckets {
		if now.Sub(b.at) >= full {
			delete(l.buckets, from)
		}
	}
	for from := range l.buckets {
		if len(l.buckets) < maxBuckets*9/10 {
			return
		}
		delete(l.buckets, from)
	}
}
