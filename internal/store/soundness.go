package store

import (
	"context"
	"sync"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// soundness knows what the last look at every page of an SQLite file found. The
// first look is waited for, but not long: how soon a program is ready must not grow
// with the site, and what a large file hides is found a little later. As a look can
// take seconds, those after it run in the background, not within soundFor of a good
// one and for a tenth of the time at most; until one ends, what the last one found
// holds.
type soundness struct {
	look  func(context.Context) error
	clock instant.Clock
	life  context.Context // ends with the store
	end   context.CancelFunc
	wait  time.Duration // for the first look

	mu      sync.Mutex
	looked  bool
	found   error
	next    instant.Instant
	running chan struct{} // closed when the look under way ends; nil: none
}

const (
	soundFor  = 30 * time.Second
	firstLook = time.Second
)

func newSoundness(clock instant.Clock, look func(context.Context) error) *soundness {
	s := &soundness{look: look, clock: clock, wait: firstLook}
	s.life, s.end = context.WithCancel(context.Background())
	return s
}

// ask reports what is known, and sees to it that it is not old.
func (s *soundness) ask(ctx context.Context) error {
	s.mu.Lock()
	if s.running == nil && (!s.looked || s.clock() >= s.next) && s.life.Err() == nil {
		s.running = make(chan struct{})
		go s.lookAround(s.running)
	}
	looked, found, running := s.looked, s.found, s.running
	s.mu.Unlock()
	if looked || running == nil {
		return found
	}
	select {
	case <-running:
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.found
	case <-time.After(s.wait):
		return nil
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), fault.Unavailable, "the database's pages are still being checked for the first time")
	}
}

func (s *soundness) lookAround(done chan struct{}) {
	defer close(done)
	start := s.clock()
	err := s.look(s.life)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	s.looked, s.found, s.running = true, err, nil
	rest := 9 * now.Sub(start)
	if err == nil {
		rest = max(rest, soundFor)
	}
	s.next = now.Add(rest)
}

// close ends a look that is under way, and waits until it has.
func (s *soundness) close() {
	s.end()
	s.mu.Lock()
	running := s.running
	s.mu.Unlock()
	if running != nil {
		<-running
	}
}
