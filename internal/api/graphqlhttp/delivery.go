package graphqlhttp

import "context"

// Delivery couples a subscription's resolver to its transport, step by step: the resolver
// sends one event, the transport writes it, and only then is the next one fetched. So a slow
// consumer holds at most one event in memory (backpressure).
type Delivery[T any] struct {
	*delivery
	events chan<- T
}

// delivery is the part of a Delivery that the transport uses.
type delivery struct {
	after   string        // the client's Last-Event-ID; "" if none
	cursor  string        // of the last event; not changed until that is written
	written chan struct{} // receives when the transport has written the event
	err     error         // why the subscription ended; set before events is closed
}

type deliveryKey struct{}

func newDelivery(after string) *delivery {
	return &delivery{after: after, written: make(chan struct{}, 1)}
}

// NewDelivery returns the delivery of the subscription in ctx, and the channel that the
// subscription's resolver returns. Without a transport nothing is ever acknowledged.
func NewDelivery[T any](ctx context.Context) (Delivery[T], <-chan T) {
	d, ok := ctx.Value(deliveryKey{}).(*delivery)
	if !ok {
		d = newDelivery("")
	}
	events := make(chan T)
	return Delivery[T]{d, events}, events
}

// After returns the cursor that a reconnecting client sends as Last-Event-ID, or nil.
func (d Delivery[T]) After() *string {
	if d.after == "" {
		return nil
	}
	return &d.after
}

// Send sends event and returns when it is written, or when ctx ends. A client continues after
// the event by naming cursor.
func (d Delivery[T]) Send(ctx context.Context, event T, cursor string) error {
	d.cursor = cursor
	select {
	case d.events <- event:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-d.written:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// End ends the subscription. If err is not nil, it is sent to the client.
func (d Delivery[T]) End(err error) {
	d.err = err
	close(d.events)
}
