package graphqlhttp

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tonggao/tonggao/internal/api/subscribers"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// StreamOptions configures subscriptions. Zero fields have defaults.
type StreamOptions struct {
	Authenticate  func(ctx context.Context, authorization string) (viewer.Viewer, error) // nil: every token is refused
	Subscriptions *subscribers.Registry                                                  // limits subscriptions
	Sockets       *subscribers.Registry                                                  // limits WebSockets, which may have no subscription
	Origins       []string                                                               // other web origins that may open WebSockets
	WriteTimeout  time.Duration                                                          // after which a client that does not read is cut off; 20 s
	KeepAlive     time.Duration                                                          // interval of heartbeats; 12 s
	InitTimeout   time.Duration                                                          // until a WebSocket has sent connection_init; 5 s
	IdleTimeout   time.Duration                                                          // after which a WebSocket without a subscription is closed; 30 s
	AfterFunc     func(time.Duration, func()) (stop func() bool)                         // nil: the machine's clock
	Public        bool                                                                   // there is a subscription that needs no token
	Observe       StreamObserver                                                         // nil: nothing is observed
}

// StreamObserver counts subscriptions. Transport is sse or websocket; why is one
// of complete, client, slow, token, stopping and error.
type StreamObserver interface {
	SubscriptionBegan(transport string)
	SubscriptionEnded(transport, why string)
}

type noObserver struct{}

func (noObserver) SubscriptionBegan(string)         {}
func (noObserver) SubscriptionEnded(string, string) {}

func (o StreamOptions) withDefaults() StreamOptions {
	o.WriteTimeout, o.KeepAlive, o.InitTimeout = cmp.Or(o.WriteTimeout, 20*time.Second), cmp.Or(o.KeepAlive, 12*time.Second), cmp.Or(o.InitTimeout, 5*time.Second)
	if o.IdleTimeout = cmp.Or(o.IdleTimeout, 30*time.Second); o.AfterFunc == nil {
		o.AfterFunc = func(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }
	}
	if o.Authenticate == nil {
		o.Authenticate = func(context.Context, string) (viewer.Viewer, error) {
			return viewer.Viewer{}, fault.New(fault.Unauthenticated, "tokens are not known here; leave Authorization out")
		}
	}
	if o.Subscriptions == nil {
		o.Subscriptions = subscribers.New(subscribers.Options{})
	}
	if o.Sockets == nil {
		o.Sockets = subscribers.New(subscribers.Options{})
	}
	if o.Observe == nil {
		o.Observe = noObserver{}
	}
	return o
}

const (
	mediaEvents = "text/event-stream"
	answerTime  = 20 * time.Second // for a query or mutation
)

// errSlow ends the subscription of a slow consumer.
var errSlow = &fault.Error{Code: fault.Limited,
	Message: "you read too slowly and were cut off; subscribe again after this cursor and nothing is lost"}

// errGone ends a subscription whose client closed the connection or completed it.
var errGone = errors.New("the client closed the connection")

// eventWriter writes the events of one subscription to its client.
type eventWriter interface {
	// next writes one event, whose payload is the parts together. It returns errSlow if the
	// event was written and the client is to be cut off.
	next(payload [][]byte, cursor string) error
}

// subscribe runs a subscription until its end. It returns why it ended (nil: it is complete)
// and the cursor after which the client continues.
func (h *handler) subscribe(ctx context.Context, op *graphql.OperationContext, after, transport string, w eventWriter) (cursor string, err error) {
	ctx, leave, err := h.streams.Subscriptions.Admit(ctx)
	if err != nil {
		return after, err
	}
	defer leave()
	h.streams.Observe.SubscriptionBegan(transport)
	defer func() { h.streams.Observe.SubscriptionEnded(transport, outcome(err)) }()
	d := newDelivery(after)
	cursor = cmp.Or(after, afterArgument(op))
	next, opCtx := h.exec.DispatchOperation(context.WithValue(ctx, deliveryKey{}, d), op)
	for {
		result := next(opCtx)
		switch {
		case ctx.Err() != nil:
			return cursor, context.Cause(ctx)
		case result == nil:
			return cursor, d.err
		}
		cursor = cmp.Or(d.cursor, cursor)
		if err := w.next(eventPayload(result), d.cursor); err != nil {
			return cursor, err
		}
		d.written <- struct{}{}
	}
}

// afterArgument returns the argument after of the operation's field.
func afterArgument(op *graphql.OperationContext) string {
	for _, sel := range op.Operation.SelectionSet {
		if field, ok := sel.(*ast.Field); ok {
			after, _ := field.ArgumentMap(op.Variables)["after"].(string)
			return after
		}
	}
	return ""
}

// outcome returns the label under which the end of a subscription is counted.
func outcome(err error) string {
	switch {
	case err == nil:
		return "complete"
	case errors.Is(err, errSlow):
		return "slow"
	case errors.Is(err, subscribers.ErrToken):
		return "token"
	case errors.Is(err, subscribers.ErrStopping):
		return "stopping"
	case errors.Is(err, errGone), errors.Is(err, context.Canceled):
		return "client"
	}
	return "error"
}

// closingErrors returns the closing message: why a subscription ended and the cursor after
// which to continue.
func (h *handler) closingErrors(ctx context.Context, cursor string, err error) gqlerror.List {
	shown := h.errors.present(ctx, err)
	if cursor != "" {
		shown.Extensions["cursor"] = cursor
	}
	return gqlerror.List{shown}
}

// eventPayload returns one event of a subscription as JSON on one line, in parts. Data without
// errors is not copied: gqlgen keeps its buffer as long as the subscription lasts, and a copy
// would be held as long as a slow consumer takes.
func eventPayload(r *graphql.Response) [][]byte {
	if len(r.Errors) > 0 || len(r.Data) == 0 {
		return [][]byte{payloadJSON(r)}
	}
	for i, c := range r.Data {
		if c == '\n' || c == '\r' {
			r.Data[i] = ' ' // in JSON they stand only between tokens
		}
	}
	return [][]byte{[]byte(`{"data":`), r.Data, []byte(`}`)}
}

// payloadJSON returns one event of a subscription as JSON on one line.
func payloadJSON(r *graphql.Response) []byte {
	text, err := json.Marshal(struct {
		Errors gqlerror.List   `json:"errors,omitempty"`
		Data   json.RawMessage `json:"data,omitempty"`
	}{r.Errors[:min(len(r.Errors), maxErrors)], r.Data}) // compacts the data
	if err != nil {
		text, _ = json.Marshal(map[string]gqlerror.List{"errors": {newError(fault.Internal, "internal error")}})
	}
	return text
}

func isSubscription(ctx context.Context) bool {
	op := graphql.GetOperationContext(ctx).Operation
	return op != nil && op.Operation == ast.Subscription
}
