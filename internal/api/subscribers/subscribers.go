// Package subscribers tracks open subscriptions: it enforces limits per client and in total,
// ends the subscriptions of tokens that have ended, and drains all at a graceful shutdown. What it
// counts may also be connections that can have subscriptions.
//
// Each subscription gets a context that ends when it must end, with the fault for the client as
// its cause. The tokens of all subscriptions are checked with one statement at an interval, rather
// than one for each.
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

// Options configures a Registry. A zero field has its default.
type Options struct {
	Total     int           // limit of all subscriptions; 10,000
	Strangers int           // limit of all subscriptions without a token, which are part of Total; a tenth of it
	Each      int           // limit per token, or per network without a token; 100
	Every     time.Duration // interval of token checks; 500 ms
	Logger    *slog.Logger

	// Ended returns those of the token IDs that have expired or were revoked; nil: none.
	Ended func(ctx context.Context, ids []string) ([]string, error)
}

// Registry is the set of open subscriptions.
type Registry struct {
	options Options

	mu         sync.Mutex
	slots      map[*slot]bool
	perClient  map[string]int
	withToken  int                // slots with a token
	stopChecks context.CancelFunc // nil: no token is checked
	closed     error              // set by Close
	drained    chan struct{}      // closed when the last has left after Close
}

// slot is one open subscription.
type slot struct {
	client, token string
	end           context.CancelCauseFunc
}

// The causes of a subscription's end.
var (
	ErrStopping = &fault.Error{Code: fault.Unavailable, Retry: time.Second,
		Message: "the server is stopping; subscribe again, after the cursor of the last change you read"}
	ErrToken = &fault.Error{Code: fault.Unauthenticated,
		Message: "your token has expired or was revoked; ask the operator for a new one and subscribe again, after the cursor of the last change you read"}
)

// New returns an empty registry.
func New(o Options) *Registry {
	o.Total, o.Each, o.Every = cmp.Or(o.Total, 10_000), cmp.Or(o.Each, 100), cmp.Or(o.Every, 500*time.Millisecond)
	o.Strangers = cmp.Or(o.Strangers, max(1, o.Total/10))
	o.Logger = cmp.Or(o.Logger, slog.Default())
	return &Registry{options: o, slots: map[*slot]bool{}, perClient: map[string]int{}, drained: make(chan struct{})}
}

// Admit adds a subscription of the viewer in ctx until leave is called, or returns the limit
// that it exceeds. The returned context ends when the subscription must end; its cause is the
// fault for the client.
func (r *Registry) Admit(ctx context.Context) (_ context.Context, leave func(), err error) {
	v := viewer.From(ctx)
	s := &slot{token: v.TokenID, client: cmp.Or(v.TokenID, network(reqinfo.From(ctx).Address))}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.limit(s); err != nil {
		return nil, nil, err
	}
	ctx, s.end = context.WithCancelCause(context.WithValue(ctx, slotKey{r}, s))
	r.add(s)
	return ctx, sync.OnceFunc(func() { r.leave(s) }), nil
}

// slotKey is the context key of the slot in a registry.
type slotKey struct{ *Registry }

// limit returns the limit that s exceeds.
func (r *Registry) limit(s *slot) error {
	switch {
	case r.closed != nil:
		return r.closed
	case len(r.slots) >= r.options.Total, s.token == "" && len(r.slots)-r.withToken >= r.options.Strangers:
		return &fault.Error{Code: fault.Limited, Retry: 10 * time.Second, Message: "too many subscriptions are open on this server; try again later, or page through `changes`"}
	case r.perClient[s.client] >= r.options.Each:
		return fault.New(fault.Limited, "one token, or one address without a token, may have %d subscriptions at once; end one before you begin another", r.options.Each)
	}
	return nil
}

// Identify counts what ctx was admitted for as the viewer's, whose token was not known then,
// or returns the limit that it exceeds.
func (r *Registry) Identify(ctx context.Context, v viewer.Viewer) error {
	s, ok := ctx.Value(slotKey{r}).(*slot)
	if !ok || v.TokenID == s.token {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	before := *s
	r.remove(s)
	s.token, s.client = v.TokenID, cmp.Or(v.TokenID, s.client)
	err := r.limit(s)
	if err != nil {
		s.token, s.client = before.token, before.client
	}
	r.add(s)
	return err
}

// Check returns ErrToken if the token of the viewer in ctx has ended.
func (r *Registry) Check(ctx context.Context) error {
	id := viewer.From(ctx).TokenID
	if id == "" || r.options.Ended == nil {
		return nil
	}
	ended, err := r.options.Ended(ctx, []string{id})
	switch {
	case err != nil:
		return fault.Wrap(err, fault.Unavailable, "the token cannot be checked right now; try again in a moment")
	case len(ended) > 0:
		return ErrToken
	}
	return nil
}

// network returns the network that limits count an address by: of IPv6 the /64, because one
// client has all of it.
func network(addr netip.Addr) string {
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	p, _ := addr.Prefix(bits)
	return p.String()
}

func (r *Registry) add(s *slot) {
	r.slots[s] = true
	r.perClient[s.client]++
	if s.token == "" {
		return
	}
	if r.withToken++; r.withToken == 1 && r.options.Ended != nil {
		var ctx context.Context
		ctx, r.stopChecks = context.WithCancel(context.Background())
		go r.checkTokens(ctx)
	}
}

func (r *Registry) leave(s *slot) {
	s.end(nil)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.remove(s)
	if r.closed != nil && len(r.slots) == 0 {
		close(r.drained)
	}
}

func (r *Registry) remove(s *slot) {
	delete(r.slots, s)
	if r.perClient[s.client]--; r.perClient[s.client] == 0 {
		delete(r.perClient, s.client)
	}
	if s.token != "" {
		if r.withToken--; r.withToken == 0 && r.stopChecks != nil {
			r.stopChecks()
			r.stopChecks = nil
		}
	}
}

// checkTokens ends the subscriptions whose token has ended, at every interval until ctx ends.
func (r *Registry) checkTokens(ctx context.Context) {
	ticker := time.NewTicker(r.options.Every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		ended, err := r.options.Ended(ctx, r.openTokens())
		if err != nil && ctx.Err() == nil {
			r.options.Logger.WarnContext(ctx, "check the tokens of subscriptions failed; retrying", "error", err)
		}
		r.end(ended)
	}
}

// openTokens returns the tokens of the open subscriptions.
func (r *Registry) openTokens() (ids []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := map[string]bool{"": true}
	for s := range r.slots {
		if !seen[s.token] {
			seen[s.token] = true
			ids = append(ids, s.token)
		}
	}
	return ids
}

// end ends the subscriptions with one of these tokens.
func (r *Registry) end(tokens []string) {
	if len(tokens) == 0 {
		return
	}
	ended := make(map[string]bool, len(tokens))
	for _, id := range tokens {
		ended[id] = true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for s := range r.slots {
		if ended[s.token] {
			s.end(ErrToken)
		}
	}
}

// Close ends all subscriptions, admits no more, and waits until every one has left or ctx ends.
func (r *Registry) Close(ctx context.Context) error {
	r.mu.Lock()
	if r.closed == nil {
		r.closed = ErrStopping
		if len(r.slots) == 0 {
			close(r.drained)
		}
	}
	for s := range r.slots {
		s.end(ErrStopping)
	}
	r.mu.Unlock()
	select {
	case <-r.drained:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
