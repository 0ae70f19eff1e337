// Package audience is who listens at the moment: it admits, counts and ends them.
//
// Nobody is admitted over a limit, nobody stays whose token has ended for longer
// than it takes to look (a second), and when the program stops all are told to
// leave. Each leaves by a context that ends, with the fault to tell as its cause.
// The tokens of all are looked up with one statement, not one for each.
package subscribers

import (
	"cmp"
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/reqinfo"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// Options says who is admitted. A zero field has its default.
type Options struct {
	Total  int           // at most, of all; 10,000
	Each   int           // at most, of one token, or of one address without a token; 100
	Every  time.Duration // how often tokens are looked up; 1 s
	Logger *slog.Logger

	// Ended is which of the tokens with these ids are not good any more; nil: none.
	Ended func(ctx context.Context, ids []string) ([]string, error)
}

// Audience is who listens.
type Registry struct {
	options Options

	mu      sync.Mutex
	seats   map[*slot]bool
	holders map[string]int
	tokens  int // seats with a token
	stop    context.CancelFunc
	closed  error
	empty   chan struct{} // closed when the last has left after Close
}

type slot struct {
	holder, token string
	end           context.CancelCauseFunc
}

// The faults that listeners are ended with.
var (
	ErrStopping = &fault.Error{Code: fault.Unavailable, Retry: time.Second,
		Message: "the server is stopping; subscribe again, after the cursor of the last change you read"}
	ErrToken = &fault.Error{Code: fault.Unauthenticated,
		Message: "your token has expired or was revoked; ask the operator for a new one and subscribe again, after the cursor of the last change you read"}
)

// New is an audience without anybody.
func New(o Options) *Registry {
	o.Total, o.Each, o.Every = cmp.Or(o.Total, 10_000), cmp.Or(o.Each, 100), cmp.Or(o.Every, time.Second)
	o.Logger = cmp.Or(o.Logger, slog.Default())
	return &Registry{options: o, seats: map[*slot]bool{}, holders: map[string]int{}, empty: make(chan struct{})}
}

// Enter admits the viewer in ctx until leave is called, or says why not. The
// context ends when the listener has to leave; its cause says why.
func (a *Registry) Admit(ctx context.Context) (_ context.Context, leave func(), err error) {
	v := viewer.From(ctx)
	s := &slot{token: v.TokenID, holder: cmp.Or(v.TokenID, network(reqinfo.From(ctx).Address))}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.closed != nil:
		return nil, nil, a.closed
	case len(a.seats) >= a.options.Total:
		return nil, nil, &fault.Error{Code: fault.Limited, Retry: 10 * time.Second, Message: "too many clients listen to this server; try again later, or page through `changes`"}
	case a.holders[s.holder] >= a.options.Each:
		return nil, nil, fault.New(fault.Limited, "one token, or one address without a token, may listen %d times at once; end one before you begin another", a.options.Each)
	}
	ctx, s.end = context.WithCancelCause(ctx)
	a.add(s)
	return ctx, sync.OnceFunc(func() { a.leave(s) }), nil
}

// network is what limits count an address by: of IPv6 the network, because one
// client has all of it.
func network(addr netip.Addr) string {
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	p, _ := addr.Prefix(bits)
	return p.String()
}

func (a *Registry) add(s *slot) {
	a.seats[s] = true
	a.holders[s.holder]++
	if s.token == "" {
		return
	}
	if a.tokens++; a.tokens == 1 && a.options.Ended != nil {
		var ctx context.Context
		ctx, a.stop = context.WithCancel(context.Background())
		go a.watch(ctx)
	}
}

func (a *Registry) leave(s *slot) {
	s.end(nil)
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.seats, s)
	if a.holders[s.holder]--; a.holders[s.holder] == 0 {
		delete(a.holders, s.holder)
	}
	if s.token != "" {
		if a.tokens--; a.tokens == 0 && a.stop != nil {
			a.stop()
			a.stop = nil
		}
	}
	if a.closed != nil && len(a.seats) == 0 {
		close(a.empty)
	}
}

// watch ends those whose token has ended, until ctx ends.
func (a *Registry) watch(ctx context.Context) {
	ticker := time.NewTicker(a.options.Every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		ended, err := a.options.Ended(ctx, a.known())
		if err != nil && ctx.Err() == nil {
			a.options.Logger.WarnContext(ctx, "the tokens of listeners cannot be looked up; trying again", "error", err)
		}
		a.end(ended)
	}
}

// known is the tokens of those who listen.
func (a *Registry) known() (ids []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	seen := map[string]bool{"": true}
	for s := range a.seats {
		if !seen[s.token] {
			seen[s.token] = true
			ids = append(ids, s.token)
		}
	}
	return ids
}

// end ends those with one of these tokens.
func (a *Registry) end(tokens []string) {
	if len(tokens) == 0 {
		return
	}
	ended := make(map[string]bool, len(tokens))
	for _, id := range tokens {
		ended[id] = true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for s := range a.seats {
		if ended[s.token] {
			s.end(ErrToken)
		}
	}
}

// Close admits nobody any more, tells all to leave, and waits until they have, or
// until ctx ends.
func (a *Registry) Close(ctx context.Context) error {
	a.mu.Lock()
	if a.closed == nil {
		a.closed = ErrStopping
		if len(a.seats) == 0 {
			close(a.empty)
		}
	}
	for s := range a.seats {
		s.end(ErrStopping)
	}
	a.mu.Unlock()
	select {
	case <-a.empty:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
