// Package heartbeat watches background loops: how long ago each one ended a round, with or
// without success. A loop that hangs is dead without a sign otherwise, while the program
// answers requests. Each round has a deadline, so a wait without an end is cut off.
package heartbeat

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

// Registry has the loops of a program.
type Registry struct {
	clock func() time.Time

	mu    sync.Mutex
	loops []*loop
}

// loop is a loop that is watched.
type loop struct {
	registry *Registry
	name     string
	allowed  time.Duration // between the ends of two rounds
	last     time.Time     // when a round ended, or the loop was added
}

// New returns a registry without loops.
func New(clock func() time.Time) *Registry { return &Registry{clock: clock} }

type loopKey struct{}

// Add adds a loop, and returns the context to run it with. It is late when no round has
// ended for longer than allowed.
func (r *Registry) Add(ctx context.Context, name string, allowed time.Duration) context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := &loop{registry: r, name: name, allowed: allowed, last: r.clock()}
	r.loops = append(r.loops, l)
	return context.WithValue(ctx, loopKey{}, l)
}

// Round runs one round of the loop that ctx belongs to, for at most limit, and records that
// it ended. A context that no registry made has no loop; its rounds have the limit alone.
func Round(ctx context.Context, limit time.Duration, round func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if l, ok := ctx.Value(loopKey{}).(*loop); ok {
		defer l.beat()
	}
	return round(limited)
}

func (l *loop) beat() {
	l.registry.mu.Lock()
	defer l.registry.mu.Unlock()
	l.last = l.registry.clock()
}

// Ages returns for each loop how long ago its last round ended.
func (r *Registry) Ages() map[string]time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	ages := make(map[string]time.Duration, len(r.loops))
	for _, l := range r.loops {
		ages[l.name] = r.clock().Sub(l.last)
	}
	return ages
}

// Late returns the names of the loops that are late, sorted and separated by commas; empty
// if there are none.
func (r *Registry) Late() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var late []string
	for _, l := range r.loops {
		if r.clock().Sub(l.last) > l.allowed {
			late = append(late, l.name)
		}
	}
	slices.Sort(late)
	return strings.Join(late, ", ")
}
