package broadcast_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tonggao/tonggao/internal/api/broadcast"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

// log is a log that the test grows.
type log struct {
	mu      sync.Mutex
	end     int64
	grown   chan struct{}
	watches atomic.Int64 // calls of Wait that have not returned
}

func newLog() *log { return &log{grown: make(chan struct{})} }

func (l *log) grow() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end++
	close(l.grown)
	l.grown = make(chan struct{})
}

func (l *log) Wait(ctx context.Context, seen changefeed.Mark) (changefeed.Mark, error) {
	l.watches.Add(1)
	defer l.watches.Add(-1)
	for {
		l.mu.Lock()
		end, grown := l.end, l.grown
		l.mu.Unlock()
		if end != seen.Position {
			return changefeed.Mark{Position: end}, nil
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return seen, ctx.Err()
		}
	}
}

// TestPageIsShared loads a page once for a hundred followers, and once more after the log has
// grown.
func TestPageIsShared(t *testing.T) {
	t.Parallel()
	l := newLog()
	r := broadcast.New[int64](l, slog.New(slog.DiscardHandler))
	defer r.Follow()()
	var loads atomic.Int64
	load := func(context.Context) (int64, error) { return loads.Add(1), nil }
	round := func() (last <-chan struct{}) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		seen := map[int64]bool{}
		for range 100 {
			wg.Go(func() {
				page, moved, err := r.Page(t.Context(), "same", load)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				seen[page], last = true, moved
			})
		}
		wg.Wait()
		if len(seen) != 1 {
			t.Errorf("a hundred followers read %d pages", len(seen))
		}
		return last
	}
	moved := round()
	l.grow()
	<-moved
	before := loads.Load()
	round()
	if after := loads.Load(); after != before+1 {
		t.Errorf("after the log grew the page was loaded %d times", after-before)
	}
}

// TestFailureIsNotCached returns an error or a panic of loading to those who wait, and loads
// the page again for the next caller.
func TestFailureIsNotCached(t *testing.T) {
	t.Parallel()
	r := broadcast.New[string](newLog(), slog.New(slog.DiscardHandler))
	defer r.Follow()()
	broken := errors.New("the disk is gone")
	if _, _, err := r.Page(t.Context(), "k", func(context.Context) (string, error) { return "", broken }); !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	if _, _, err := r.Page(t.Context(), "k", func(context.Context) (string, error) { panic("no such column") }); err == nil || !strings.Contains(err.Error(), "no such column") {
		t.Fatalf("of a panic: %v", err)
	}
	page, _, err := r.Page(t.Context(), "k", func(context.Context) (string, error) { return "here", nil })
	if err != nil || page != "here" {
		t.Fatalf("then %q, %v", page, err)
	}
}

// TestFirstCallerLeaves loads the page for the others although the caller that began it left.
func TestFirstCallerLeaves(t *testing.T) {
	t.Parallel()
	r := broadcast.New[string](newLog(), slog.New(slog.DiscardHandler))
	defer r.Follow()()
	begun, finish := make(chan struct{}), make(chan struct{})
	load := func(ctx context.Context) (string, error) {
		close(begun)
		<-finish
		return "whole", ctx.Err()
	}
	hasty, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, _, err := r.Page(hasty, "k", load)
		left <- err
	}()
	<-begun
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Fatalf("the caller that left got %v", err)
	}
	close(finish)
	page, _, err := r.Page(t.Context(), "k", load)
	if err != nil || page != "whole" {
		t.Fatalf("the caller that stayed reads %q, %v", page, err)
	}
}

// TestOneWatcher waits for the log once for all followers, and only while there are followers.
func TestOneWatcher(t *testing.T) {
	t.Parallel()
	l := newLog()
	r := broadcast.New[int](l, slog.New(slog.DiscardHandler))
	leaves := []func(){r.Follow(), r.Follow(), r.Follow()}
	moves := func() {
		_, moved, err := r.Page(t.Context(), "k", func(context.Context) (int, error) { return 0, nil })
		if err != nil {
			t.Fatal(err)
		}
		l.grow()
		<-moved
	}
	moves()
	leaves[0]()
	leaves[0]() // twice is once
	leaves[1]()
	moves()
	leaves[2]()
	for l.watches.Load() != 0 { // the watch ends in its own time
		l.grow()
	}
	defer r.Follow()()
	moves()
}
