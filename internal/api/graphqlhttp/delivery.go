package graphqlhttp

import "context"

// Delivery couples a subscription's resolver to the transport that carries it. They
// go step by step: the resolver sends one event, the transport writes it, and only
// then is the next one fetched. So a slow client holds at most one event in memory.
type Delivery[T any] struct {
	*delivery
	events chan<- T
}

// delivery is the part that the transport sees.
type delivery struct {
	after   string        // the Last-Event-ID of the client; "" if none
	cursor  string        // of the event sent last; not changed until it is written
	written chan struct{} // receives when the transport has written the event
	err     error         // why the subscription ended; set before events is closed
}

type deliveryKey struct{}

func newDelivery(after string) *delivery {
	return &delivery{after: after, written: make(chan struct{}, 1)}
}

// NewDelivery returns the delivery of the subscription in ctx, and the channel that a
// subscription resolver returns. Without a transport nothing is ever acknowledged.
func NewDelivery[T any](ctx context.Context) (Delivery[T], <-chan T) {
	d, ok := ctx.Value(deliveryKey{}).(*delivery)
	if !ok {
		d = newDelivery("")
	}
	events := make(chan T)
	return Delivery[T]{d, events}, events
}

// After returns the cursor that a reconnecting client names in its headers, or nil.
func (d Delivery[T]) After() *string {
	if d.after == "" {
		return nil
	}
	return &d.after
}

// Send hands event over and returns when it is written, or when ctx ends. Cursor is
// what the client names to go on after it.
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

// End ends the subscription; err, if any, is what the client is told.
func (d Delivery[T]) End(err error) {
	d.err = err
	close(d.events)
}
