package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/store"
)

// stub is a check that a test controls: each sends on begun and returns what is then sent
// to finds.
type stub struct {
	begun chan struct{}
	finds chan error
}

func (l stub) check(ctx context.Context) error {
	l.begun <- struct{}{}
	select {
	case err := <-l.finds:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestSoundnessCachesResult(t *testing.T) {
	t.Parallel()
	now := instant.Of(time.Unix(1_700_000_000, 0))
	l := stub{make(chan struct{}, 1), make(chan error)}
	s := store.NewSoundness(func() instant.Instant { return now }, l.check)
	s.Wait(time.Hour)
	ctx := context.Background()

	impatient, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Result(impatient); !errors.Is(err, context.Canceled) {
		t.Errorf("before the first check has ended: %v", err)
	}
	<-l.begun
	first := make(chan error, 1)
	go func() { first <- s.Result(ctx) }()
	l.finds <- nil
	if err := <-first; err != nil {
		t.Errorf("the first check: %v", err)
	}

	now = now.Add(29 * time.Second)
	if err := s.Result(ctx); err != nil || len(l.begun) != 0 {
		t.Errorf("29 s later: %v, or it checked again", err)
	}
	now = now.Add(time.Second)
	for range 100 { // the second check blocks no caller, and there is only one
		if err := s.Result(ctx); err != nil {
			t.Errorf("while the second check runs: %v", err)
		}
	}
	<-l.begun
	now = now.Add(20 * time.Second) // so long that it may run again only 180 s later
	l.finds <- nil
	s.Settle()
	now = now.Add(179 * time.Second)
	if err := s.Result(ctx); err != nil || len(l.begun) != 0 {
		t.Errorf("179 s after a check that took 20 s: %v, or it checked again", err)
	}
	now = now.Add(time.Second)
	_ = s.Result(ctx)
	<-l.begun
	bad := errors.New("page 7 is damaged")
	l.finds <- bad
	s.Settle()
	if err := s.Result(ctx); !errors.Is(err, bad) {
		t.Errorf("after a bad check: %v", err)
	}
	<-l.begun // a bad one is repeated at once
	s.Close() // ends the one under way
	if err := s.Result(ctx); !errors.Is(err, context.Canceled) || len(l.begun) != 0 {
		t.Errorf("after the end: %v, or it checked again", err)
	}
}

// TestSoundnessDoesNotBlockStart uses a file while its first check runs; its result counts
// when it is there.
func TestSoundnessDoesNotBlockStart(t *testing.T) {
	t.Parallel()
	l := stub{make(chan struct{}, 2), make(chan error)}
	s := store.NewSoundness(func() instant.Instant { return 0 }, l.check)
	defer s.Close()
	s.Wait(0)
	if err := s.Result(context.Background()); err != nil {
		t.Errorf("while the first check runs: %v", err)
	}
	bad := errors.New("page 7 is damaged")
	l.finds <- bad
	s.Settle()
	if err := s.Result(context.Background()); !errors.Is(err, bad) {
		t.Errorf("after it: %v", err)
	}
}
