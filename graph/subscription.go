package graph

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/tonggao/tonggao/graph/generated"
	"github.com/tonggao/tonggao/internal/api/graphqlhttp"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/store/policy"
)

type subscriptionResolver struct{ *Resolver }

// Subscription returns the resolver of subscriptions.
func (r *Resolver) Subscription() generated.SubscriptionResolver { return &subscriptionResolver{r} }

// Changes sends one change at a time, from the cursor that the client names on.
func (r *subscriptionResolver) Changes(ctx context.Context, after *string, filter *changefeed.Filter) (<-chan *changefeed.Edge, error) {
	if err := policy.Require(ctx, policy.ReadChanges); err != nil {
		return nil, err
	}
	d, events := graphqlhttp.NewDelivery[*changefeed.Edge](ctx)
	if last := d.After(); last != nil {
		after = last
	}
	var f changefeed.Filter
	if filter != nil {
		f = *filter
	}
	at, err := r.ChangeLog.Cursor(ctx, after, f)
	if err != nil {
		return nil, err
	}
	go func() { d.End(r.follow(ctx, d, at, f)) }()
	return events, nil
}

// follow sends every change after at, until ctx ends.
func (r *subscriptionResolver) follow(ctx context.Context, d graphqlhttp.Delivery[*changefeed.Edge], at changefeed.Cursor, f changefeed.Filter) error {
	leave := r.ChangePages.Follow()
	defer leave()
	v := viewer.From(ctx)
	who := viewer.Viewer{Role: v.Role, Publisher: v.Publisher} // nothing else affects visibility
	for {
		at = withoutBase(at)
		found, moved, err := r.ChangePages.Page(ctx, shareKey(who, f, at), func(ctx context.Context) (*changefeed.Page, error) {
			return r.ChangeLog.Page(viewer.With(ctx, who), at, pagination.DefaultSize, f)
		})
		if err != nil {
			return err
		}
		held, end, more := &heldPage{edges: slices.Clone(found.Edges)}, found.End, found.More
		found = nil // a client that does not read holds one event, not its page
		last, err := held.send(func(e *changefeed.Edge) error { return d.Send(ctx, e, e.Cursor) })
		if err != nil {
			return err
		}
		if last != "" {
			if at, err = r.ChangeLog.Cursor(ctx, &last, f); err != nil {
				return err
			}
			continue
		}
		if at = end; more {
			continue
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// holdTime is how long a client may take to read an event until the rest of its page is
// dropped, to be read again when the client continues.
const holdTime = time.Second

// heldPage is what is left of a page.
type heldPage struct {
	mu      sync.Mutex
	edges   []changefeed.Edge
	dropped bool
}

// next removes and returns the first edge.
func (p *heldPage) next() (e changefeed.Edge, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.edges) == 0 {
		return e, false
	}
	e = p.edges[0]
	p.edges[0] = changefeed.Edge{}
	p.edges = p.edges[1:]
	return e, true
}

// drop drops the edges that are left.
func (p *heldPage) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dropped, p.edges = len(p.edges) > 0, nil
}

// send sends the edges. If the rest was dropped, it returns the cursor of the last edge that
// was sent; otherwise "".
func (p *heldPage) send(send func(*changefeed.Edge) error) (last string, err error) {
	for {
		e, ok := p.next()
		if !ok {
			break
		}
		timer := time.AfterFunc(holdTime, p.drop)
		err := send(&e)
		timer.Stop()
		if err != nil {
			return "", err
		}
		last = e.Cursor
	}
	if !p.dropped {
		last = ""
	}
	return last, nil
}

// withoutBase drops the base of at once its initial snapshot is complete, so that followers
// that began at different times share pages from then on.
func withoutBase(at changefeed.Cursor) changefeed.Cursor {
	if at.Step == "" && at.Position >= at.Base {
		at.Base = 0
	}
	return at
}

// shareKey returns the key under which followers share a page: all that it depends on.
func shareKey(v viewer.Viewer, f changefeed.Filter, at changefeed.Cursor) string {
	key, _ := json.Marshal([]any{v.Role, v.Publisher, f, at}) // strings and numbers always marshal
	return string(key)
}
