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
)

// log is a log whose end the test moves.
type log struct {
	mu      sync.Mutex
	end     int64
	grown   chan struct{}
	watches atomic.Int64 // that wait at the moment
}

func newLog() *log { return &log{grown: make(chan struct{})} }

func (l *log) grow() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end++
	close(l.grown)
	l.grown = make(chan struct{})
}

func (l *log) Wait(ctx context.Context, after int64) error {
	l.watches.Add(1)
	defer l.watches.Add(-1)
	for {
		l.mu.Lock()
		end, grown := l.end, l.grown
		l.mu.Unlock()
		if end > after {
			return nil
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (l *log) End(context.Context) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.end, nil
}

// TestOnePageForAll: however many ask for it at once, a page is loaded once; when
// the log has grown, once more.
func TestOnePageForAll(t *testing.T) {
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
			t.Errorf("a hundred read %d pages", len(seen))
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

// TestAFailureIsNotKept: those who wait are told, the next tries again, and a
// panic ends nobody but the page.
func TestAFailureIsNotKept(t *testing.T) {
	t.Parallel()
	r := broadcast.New[string](newLog(), slog.New(slog.DiscardHandler))
	defer r.Follow()()
	broken := errors.New("the disk is gone")
	if _, _, err := r.Page(t.Context(), "k", func(context.Context) (string, error) { return "", broken }); !errors.Is(err, broken) {
		t.Fatalf("told %v", err)
	}
	if _, _, err := r.Page(t.Context(), "k", func(context.Context) (string, error) { panic("no such column") }); err == nil || !strings.Contains(err.Error(), "no such column") {
		t.Fatalf("of a panic told %v", err)
	}
	page, _, err := r.Page(t.Context(), "k", func(context.Context) (string, error) { return "here", nil })
	if err != nil || page != "here" {
		t.Fatalf("then %q, %v", page, err)
	}
}

// TestWhoeverAsksFirstMayLeave: the page of the others comes nevertheless.
func TestWhoeverAsksFirstMayLeave(t *testing.T) {
	t.Parallel()
	r := broadcast.New[string](newLog(), slog.New(slog.DiscardHandler))
	defer r.Follow()()
	begun, goOn := make(chan struct{}), make(chan struct{})
	load := func(ctx context.Context) (string, error) {
		close(begun)
		<-goOn
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
		t.Fatalf("who left is told %v", err)
	}
	close(goOn)
	page, _, err := r.Page(t.Context(), "k", load)
	if err != nil || page != "whole" {
		t.Fatalf("who stayed reads %q, %v", page, err)
	}
}

// TestNobodyWatchesForNobody: the log is watched by one, while anybody follows.
func TestNobodyWatchesForNobody(t *testing.T) {
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
