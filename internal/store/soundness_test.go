package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/store"
)

// look is a look at the pages that a test steers: each sends on begun, and finds
// what is then put into finds.
type look struct {
	begun chan struct{}
	finds chan error
}

func (l look) at(ctx context.Context) error {
	l.begun <- struct{}{}
	select {
	case err := <-l.finds:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestPagesAreLookedAtSeldom(t *testing.T) {
	t.Parallel()
	now := instant.Of(time.Unix(1_700_000_000, 0))
	l := look{make(chan struct{}, 1), make(chan error)}
	s := store.NewSoundness(func() instant.Instant { return now }, l.at)
	s.Wait(time.Hour)
	ctx := context.Background()

	impatient, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Ask(impatient); !errors.Is(err, context.Canceled) {
		t.Errorf("before the first look has ended: %v", err)
	}
	<-l.begun
	first := make(chan error, 1)
	go func() { first <- s.Ask(ctx) }()
	l.finds <- nil
	if err := <-first; err != nil {
		t.Errorf("the first look: %v", err)
	}

	now = now.Add(29 * time.Second)
	if err := s.Ask(ctx); err != nil || len(l.begun) != 0 {
		t.Errorf("29 s later: %v, or it looked again", err)
	}
	now = now.Add(time.Second)
	for range 100 { // nobody waits for the second look, and there is one
		if err := s.Ask(ctx); err != nil {
			t.Errorf("while the second look runs: %v", err)
		}
	}
	<-l.begun
	now = now.Add(20 * time.Second) // so long that it may run again only 180 s later
	l.finds <- nil
	s.Settle()
	now = now.Add(179 * time.Second)
	if err := s.Ask(ctx); err != nil || len(l.begun) != 0 {
		t.Errorf("179 s after a look that took 20 s: %v, or it looked again", err)
	}
	now = now.Add(time.Second)
	_ = s.Ask(ctx)
	<-l.begun
	bad := errors.New("page 7 is damaged")
	l.finds <- bad
	s.Settle()
	if err := s.Ask(ctx); !errors.Is(err, bad) {
		t.Errorf("after a bad look: %v", err)
	}
	<-l.begun // a bad one is repeated at once
	s.Close() // ends the one under way
	if err := s.Ask(ctx); !errors.Is(err, context.Canceled) || len(l.begun) != 0 {
		t.Errorf("after the end: %v, or it looked again", err)
	}
}

// TestALargeFileIsReadySoon: its pages are looked at while it is used, and what is
// found counts.
func TestALargeFileIsReadySoon(t *testing.T) {
	t.Parallel()
	l := look{make(chan struct{}, 2), make(chan error)}
	s := store.NewSoundness(func() instant.Instant { return 0 }, l.at)
	defer s.Close()
	s.Wait(0)
	if err := s.Ask(context.Background()); err != nil {
		t.Errorf("while the first look runs: %v", err)
	}
	bad := errors.New("page 7 is damaged")
	l.finds <- bad
	s.Settle()
	if err := s.Ask(context.Background()); !errors.Is(err, bad) {
		t.Errorf("after it: %v", err)
	}
}
