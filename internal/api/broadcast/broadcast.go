// Package broadcast lets any number of followers read the change log at the cost of one. One
// goroutine waits for the end of the log as long as there are followers, and followers with the
// same cursor and the same permissions share one page.
//
// Invariant: pages are shared only until the log grows, so a follower never gets a page that
// shows what was hidden since. The number of cached pages is bounded.
package broadcast

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/tonggao/tonggao/internal/store/changefeed"
)

// Log grows, or begins a new epoch.
type Log interface {
	// Wait returns the end of the log when it is another than seen.
	Wait(ctx context.Context, seen changefeed.Mark) (changefeed.Mark, error)
}

const (
	maxPages    = 64 // cached
	loadTimeout = 10 * time.Second
	retryDelay  = time.Second // after the log could not be read
)

// Broadcaster shares pages of type P.
type Broadcaster[P any] struct {
	log    Log
	logger *slog.Logger

	mu        sync.Mutex
	followers int
	stop      context.CancelFunc // ends watch; nil: there was no follower yet
	moved     chan struct{}      // closed when the log grows
	pages     map[string]*sharedPage[P]
}

// sharedPage is a page that is loaded, or being loaded.
type sharedPage[P any] struct {
	ready chan struct{}
	page  P
	err   error
}

// New returns a broadcaster of log.
func New[P any](log Log, logger *slog.Logger) *Broadcaster[P] {
	return &Broadcaster[P]{log: log, logger: logger, moved: make(chan struct{}), pages: map[string]*sharedPage[P]{}}
}

// Follow adds a follower until leave is called.
func (b *Broadcaster[P]) Follow() (leave func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.followers++; b.followers == 1 {
		ctx, cancel := context.WithCancel(context.Background())
		b.stop = cancel
		b.invalidate() // the cached pages may be old
		go b.watch(ctx)
	}
	return sync.OnceFunc(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.followers--; b.followers == 0 {
			b.stop()
		}
	})
}

// watch invalidates the pages whenever the log grows, until ctx ends.
func (b *Broadcaster[P]) watch(ctx context.Context) {
	var seen changefeed.Mark
	for {
		end, err := b.log.Wait(ctx, seen)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			b.logger.WarnContext(ctx, "wait for the change log failed; retrying", "error", err)
			select {
			case <-time.After(retryDelay):
			case <-ctx.Done():
				return
			}
			continue
		}
		seen = end
		b.mu.Lock()
		b.invalidate()
		b.mu.Unlock()
	}
}

// invalidate drops the cached pages and wakes all followers. The caller holds the lock.
func (b *Broadcaster[P]) invalidate() {
	close(b.moved)
	b.moved = make(chan struct{})
	clear(b.pages)
}

// Page returns the page for key, which names everything that the page depends on: cursor,
// filter and permissions. It is loaded once, in a context of its own, so it does not fail when
// the first caller leaves. Moved is closed when the log grows.
func (b *Broadcaster[P]) Page(ctx context.Context, key string, load func(context.Context) (P, error)) (page P, moved <-chan struct{}, err error) {
	b.mu.Lock()
	moved = b.moved
	s, known := b.pages[key]
	if !known {
		if len(b.pages) >= maxPages {
			clear(b.pages)
		}
		s = &sharedPage[P]{ready: make(chan struct{})}
		b.pages[key] = s
		go b.load(key, s, load)
	}
	b.mu.Unlock()
	select {
	case <-s.ready:
	case <-ctx.Done():
		return page, moved, ctx.Err()
	}
	return s.page, moved, s.err
}

func (b *Broadcaster[P]) load(key string, s *sharedPage[P], load func(context.Context) (P, error)) {
	defer close(s.ready)
	ctx, cancel := context.WithTimeout(context.Background(), loadTimeout)
	defer cancel()
	defer func() {
		if crash := recover(); crash != nil { // a panic must not end the program
			s.err = fmt.Errorf("load a page of the log: panic: %v\n%s", crash, debug.Stack())
		}
		if s.err != nil {
			b.forget(key, s)
		}
	}()
	s.page, s.err = load(ctx)
}

// forget removes a page that failed, so that the next caller loads it again.
func (b *Broadcaster[P]) forget(key string, s *sharedPage[P]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pages[key] == s {
		delete(b.pages, key)
	}
}
