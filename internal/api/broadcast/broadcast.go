// Package relay lets any number follow the change log for the price of one. It
// watches the end of the log once for all, while anybody follows, and those who
// stand at the same place and may see the same things share one page.
//
// Invariant: a page is shared only until something is appended to the log, so
// what somebody may not see any more is not in a page that begins after that.
// What is remembered has a size, however many follow.
package broadcast

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// Log is the log that is followed.
type Log interface {
	Wait(ctx context.Context, after int64) error
	End(ctx context.Context) (int64, error)
}

const (
	mostPages = 64               // that are remembered
	loadTime  = 10 * time.Second // that a page may take
	rest      = time.Second      // after the log could not be read
)

// Relay shares pages of type P.
type Broadcaster[P any] struct {
	log    Log
	logger *slog.Logger

	mu        sync.Mutex
	followers int
	stop      context.CancelFunc // ends the watch; nil: nobody follows
	moved     chan struct{}      // closed when something is appended
	pages     map[string]*sharedPage[P]
}

// sheet is a page that is there, or on its way.
type sharedPage[P any] struct {
	ready chan struct{}
	page  P
	err   error
}

// New follows log.
func New[P any](log Log, logger *slog.Logger) *Broadcaster[P] {
	return &Broadcaster[P]{log: log, logger: logger, moved: make(chan struct{}), pages: map[string]*sharedPage[P]{}}
}

// Follow counts a follower until leave is called.
func (r *Broadcaster[P]) Follow() (leave func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.followers++; r.followers == 1 {
		ctx, cancel := context.WithCancel(context.Background())
		r.stop = cancel
		r.invalidate() // what was remembered may be of long ago
		go r.watch(ctx)
	}
	return sync.OnceFunc(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.followers--; r.followers == 0 {
			r.stop()
		}
	})
}

// watch tells everybody when the log has grown.
func (r *Broadcaster[P]) watch(ctx context.Context) {
	var head int64
	for {
		err := r.log.Wait(ctx, head)
		if err == nil {
			head, err = r.log.End(ctx)
		}
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			r.logger.WarnContext(ctx, "the change log cannot be followed; trying again", "error", err)
			select {
			case <-time.After(rest):
			case <-ctx.Done():
				return
			}
			continue
		}
		r.mu.Lock()
		r.invalidate()
		r.mu.Unlock()
	}
}

// turn forgets the pages and wakes everybody. The lock is held.
func (r *Broadcaster[P]) invalidate() {
	close(r.moved)
	r.moved = make(chan struct{})
	clear(r.pages)
}

// Page is the page that key names: what may be seen, by whom, from where. It is
// loaded once, in a context of its own: it does not end with whoever asked first.
// Moved is closed when the log has grown since.
func (r *Broadcaster[P]) Page(ctx context.Context, key string, load func(context.Context) (P, error)) (page P, moved <-chan struct{}, err error) {
	r.mu.Lock()
	moved = r.moved
	s, known := r.pages[key]
	if !known {
		if len(r.pages) >= mostPages {
			clear(r.pages)
		}
		s = &sharedPage[P]{ready: make(chan struct{})}
		r.pages[key] = s
		go r.load(key, s, load)
	}
	r.mu.Unlock()
	select {
	case <-s.ready:
	case <-ctx.Done():
		return page, moved, ctx.Err()
	}
	return s.page, moved, s.err
}

func (r *Broadcaster[P]) load(key string, s *sharedPage[P], load func(context.Context) (P, error)) {
	defer close(s.ready)
	ctx, cancel := context.WithTimeout(context.Background(), loadTime)
	defer cancel()
	defer func() {
		if crash := recover(); crash != nil { // one page must not be everybody's end
			s.err = fmt.Errorf("load a page of the log: panic: %v\n%s", crash, debug.Stack())
		}
		if s.err != nil {
			r.forget(key, s)
		}
	}()
	s.page, s.err = load(ctx)
}

// forget lets the next who asks try again.
func (r *Broadcaster[P]) forget(key string, s *sharedPage[P]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pages[key] == s {
		delete(r.pages, key)
	}
}
