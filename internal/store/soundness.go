package store

import (
	"context"
	"sync"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// soundness caches the result of checking every page of an SQLite file. Callers wait for
// the first check, but not long: how soon a program is ready must not grow with the size
// of the site, so damage to a large file is reported a little later. A check can take
// seconds, so later ones run in the background, no sooner than validFor after a good one
// and for a tenth of the time at most; until one ends, the result of the last one holds.
type soundness struct {
	check func(context.Context) error
	clock instant.Clock
	life  context.Context // ends with the store
	end   context.CancelFunc
	wait  time.Duration // for the first check

	mu      sync.Mutex
	checked bool
	last    error
	next    instant.Instant
	running chan struct{} // closed when the running check ends; nil: none
}

const (
	validFor   = 30 * time.Second
	firstCheck = time.Second
)

func newSoundness(clock instant.Clock, check func(context.Context) error) *soundness {
	s := &soundness{check: check, clock: clock, wait: firstCheck}
	s.life, s.end = context.WithCancel(context.Background())
	return s
}

// result returns the last result, and starts a check if that is old.
func (s *soundness) result(ctx context.Context) error {
	s.mu.Lock()
	if s.running == nil && (!s.checked || s.clock() >= s.next) && s.life.Err() == nil {
		s.running = make(chan struct{})
		go s.run(s.running)
	}
	checked, last, running := s.checked, s.last, s.running
	s.mu.Unlock()
	if checked || running == nil {
		return last
	}
	select {
	case <-running:
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.last
	case <-time.After(s.wait):
		return nil
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), fault.Unavailable, "the database's pages are still being checked for the first time")
	}
}

// run checks the pages and stores the result.
func (s *soundness) run(done chan struct{}) {
	defer close(done)
	start := s.clock()
	err := s.check(s.life)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	s.checked, s.last, s.running = true, err, nil
	rest := 9 * now.Sub(start)
	if err == nil {
		rest = max(rest, validFor)
	}
	s.next = now.Add(rest)
}

// close cancels a running check and waits until it has ended.
func (s *soundness) close() {
	s.end()
	s.mu.Lock()
	running := s.running
	s.mu.Unlock()
	if running != nil {
		<-running
	}
}
