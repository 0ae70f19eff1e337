package store

import (
	"context"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// Soundness is soundness, for its test.
type Soundness struct{ *soundness }

func NewSoundness(clock instant.Clock, look func(context.Context) error) Soundness {
	return Soundness{newSoundness(clock, look)}
}

// Wait is how long the first look is waited for.
func (s Soundness) Wait(d time.Duration) { s.wait = d }

func (s Soundness) Ask(ctx context.Context) error { return s.ask(ctx) }
func (s Soundness) Close()                        { s.close() }

// Settle waits until the look under way has ended.
func (s Soundness) Settle() {
	s.mu.Lock()
	running := s.running
	s.mu.Unlock()
	if running != nil {
		<-running
	}
}
