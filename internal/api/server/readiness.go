package server

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// readiness knows whether the database answers and is sound, for however many ask.
// At most one check runs at a time. An answer is good for freshFor; up to staleFor
// it is still given while a new check runs; after that one waits for the check,
// but no longer than the limit.
type readiness struct {
	check func(context.Context) error
	clock func() time.Time
	limit time.Duration
	log   *slog.Logger

	mu      sync.Mutex
	at      time.Time // when last was found; zero: never
	last    error
	running chan struct{} // closed when the check under way ends; nil: none
}

const (
	freshFor = 2 * time.Second
	staleFor = 5 * time.Second
)

var errSlow = errors.New("the database does not answer in time")

func (r *readiness) ask(ctx context.Context) error {
	if r.check == nil {
		return nil
	}
	running, last := r.known()
	if running == nil {
		return last
	}
	ctx, cancel := context.WithTimeout(ctx, r.limit)
	defer cancel()
	select {
	case <-running:
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.last
	case <-ctx.Done():
		return errSlow
	}
}

// known is the check to wait for where the last answer is too old, and else that answer.
func (r *readiness) known() (wait <-chan struct{}, last error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	age := r.clock().Sub(r.at)
	if age < freshFor {
		return nil, r.last
	}
	if r.running == nil {
		r.running = make(chan struct{})
		go r.look(r.running)
	}
	if age < staleFor {
		return nil, r.last
	}
	return r.running, nil
}

// look checks once. Nobody's hurry ends it: one client is not the database's fault.
func (r *readiness) look(done chan struct{}) {
	defer close(done)
	ctx, cancel := context.WithTimeout(context.Background(), r.limit)
	defer cancel()
	err := r.check(ctx)
	if err != nil {
		r.log.Error("not ready", "error", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at, r.last, r.running = r.clock(), err, nil
}
