package admission

import (
	"sync"
	"time"
)

// share divides the processor time of the program among the work in progress, in equal parts
// at each moment. What runs at the same time is included.
type share struct {
	cpu func() time.Duration

	mu      sync.Mutex
	running int
	read    time.Duration // processor time when it was read last
	each    time.Duration // what work that had run from the beginning would have taken
}

// begin counts work that begins, and returns what end needs.
func (s *share) begin() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	s.running++
	return s.each
}

// end counts work that ends, and returns its part of the processor time.
func (s *share) end(begun time.Duration) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	s.running--
	return s.each - begun
}

// advance divides the time since it was called last.
func (s *share) advance() {
	now := s.cpu()
	if s.running > 0 {
		s.each += max(0, now-s.read) / time.Duration(s.running)
	}
	s.read = now
}
