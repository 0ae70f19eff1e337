package store

import (
	"context"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// Soundness exports soundness to its test.
type Soundness struct{ *soundness }

func NewSoundness(clock instant.Clock, check func(context.Context) error) Soundness {
	return Soundness{newSoundness(clock, check)}
}

// Wait sets how long callers wait for the first check.
func (s Soundness) Wait(d time.Duration) { s.wait = d }

func (s Soundness) Result(ctx context.Context) error { return s.result(ctx) }
func (s Soundness) Close()                           { s.close() }

// Settle waits until the running check has ended.
func (s Soundness) Settle() {
	s.mu.Lock()
	running := s.running
	s.mu.Unlock()
	if running != nil {
		<-running
	}
}
