package server

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// readiness caches whether the database answers and is sound. At most one check runs at a
// time, regardless of the number of requests. A result is fresh for freshFor; after that callers
// wait for the next check, up to the timeout. So a load balancer that abandons a check after half
// a second notices a database that hangs at most a second after it stopped.
type readiness struct {
	check   func(context.Context) error
	clock   func() time.Time
	timeout time.Duration
	log     *slog.Logger

	mu      sync.Mutex
	at      time.Time // of the last result; zero: never
	last    error
	running chan struct{} // closed when the running check ends; nil: none runs
}

const freshFor = 500 * time.Millisecond

var errTimeout = fault.New(fault.Unavailable, "the database did not answer in time")

// get returns nil if the server is ready.
func (r *readiness) get(ctx context.Context) error {
	if r.check == nil {
		return nil
	}
	running, last := r.cached()
	if running == nil {
		return last
	}
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	select {
	case <-running:
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.last
	case <-ctx.Done():
		return errTimeout
	}
}

// cached returns the last result, or the check to wait for if that is too old.
func (r *readiness) cached() (wait <-chan struct{}, last error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.clock().Sub(r.at) < freshFor {
		return nil, r.last
	}
	if r.running == nil {
		r.running = make(chan struct{})
		go r.run(r.running)
	}
	return r.running, nil
}

// run runs one check. It does not end with the request that started it.
func (r *readiness) run(done chan struct{}) {
	defer close(done)
	ctx, cancel := context.WithTimeout(context.Background(), r.timeout)
	defer cancel()
	err := r.check(ctx)
	if err != nil {
		r.log.ErrorContext(ctx, "readiness check failed", "error", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at, r.last, r.running = r.clock(), err, nil
}
