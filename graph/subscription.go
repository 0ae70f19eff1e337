package graph

import (
	"context"
	"encoding/json"

	"github.com/tonggao/tonggao/graph/generated"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/pagination"
)

type subscriptionResolver struct{ *Resolver }

// Subscription resolves subscriptions.
func (r *Resolver) Subscription() generated.SubscriptionResolver { return &subscriptionResolver{r} }

// delivery is how a subscription and the transport that carries it go step by
// step: a change is handed over, written, and only then the next one is fetched.
// So there is never more than one on the way.
type delivery struct {
	after   *string       // where the client says it stopped, besides the argument
	cursor  string        // of the change handed over last; not touched until it is written
	written chan struct{} // the transport has written it
	ended   error         // why there is nothing more, once there is nothing more
}

func newDelivery(after string) *delivery {
	return &delivery{after: orNil(after), written: make(chan struct{}, 1)}
}

type deliveryKey struct{}

// Changes hands over one change after the other. Without a transport that can
// carry it, nothing gets here.
func (r *subscriptionResolver) Changes(ctx context.Context, after *string, filter *changefeed.Filter) (<-chan *changefeed.Edge, error) {
	d, ok := ctx.Value(deliveryKey{}).(*delivery)
	if !ok {
		d = newDelivery("")
	}
	if d.after != nil {
		after = d.after
	}
	var f changefeed.Filter
	if filter != nil {
		f = *filter
	}
	if err := changefeed.MayRead(viewer.From(ctx)); err != nil {
		return nil, err
	}
	at, err := r.ChangeLog.Cursor(ctx, after, f)
	if err != nil {
		return nil, err
	}
	out := make(chan *changefeed.Edge)
	go func() {
		defer close(out)
		d.ended = r.follow(ctx, d, out, at, f)
	}()
	return out, nil
}

// follow hands over everything after at, until ctx ends.
func (r *subscriptionResolver) follow(ctx context.Context, d *delivery, out chan<- *changefeed.Edge, at changefeed.Cursor, f changefeed.Filter) error {
	leave := r.ChangePages.Follow()
	defer leave()
	v := viewer.From(ctx)
	who := viewer.Viewer{Role: v.Role, Publisher: v.Publisher} // nothing else decides what is seen
	for {
		at = settled(at)
		found, moved, err := r.ChangePages.Page(ctx, shareKey(who, f, at), func(ctx context.Context) (*changefeed.Page, error) {
			return r.ChangeLog.Page(viewer.With(ctx, who), at, pagination.DefaultSize, f)
		})
		if err != nil {
			return err
		}
		if err := hand(ctx, d, out, found.Edges); err != nil {
			return err
		}
		at = found.End
		if found.More {
			continue
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// settled is at without the end of its copy, once the copy is done: so those who
// began at different times come to stand at the same place.
func settled(at changefeed.Cursor) changefeed.Cursor {
	if at.Step == "" && at.Position >= at.Base {
		at.Base = 0
	}
	return at
}

// shareKey names a page by all that it depends on.
func shareKey(v viewer.Viewer, f changefeed.Filter, at changefeed.Cursor) string {
	key, _ := json.Marshal([]any{v.Role, v.Publisher, f, at}) // strings and numbers always marshal
	return string(key)
}

// hand gives the changes to the transport, each when the one before is written.
func hand(ctx context.Context, d *delivery, out chan<- *changefeed.Edge, edges []changefeed.Edge) error {
	for i := range edges {
		d.cursor = edges[i].Cursor
		select {
		case out <- &edges[i]:
		case <-ctx.Done():
			return ctx.Err()
		}
		select {
		case <-d.written:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
