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

// StreamOptions says how subscriptions are carried. Zero fields have defaults.
type StreamOptions struct {
	Authenticate func(ctx context.Context, authorization string) (viewer.Viewer, error) // nil: nobody has a token
	Listeners    *subscribers.Registry                                                  // admits subscriptions
	Sockets      *subscribers.Registry                                                  // admits WebSockets, which may have none
	Origins      []string                                                               // web origins that may open WebSockets, besides our own
	Patience     time.Duration                                                          // that a client may not read; 20 s
	KeepAlive    time.Duration                                                          // between signs of life; 12 s
	Begin        time.Duration                                                          // until a WebSocket has said who it is; 5 s
	Observe      StreamObserver                                                         // nil: nobody counts
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
	o.Patience, o.KeepAlive, o.Begin = cmp.Or(o.Patience, 20*time.Second), cmp.Or(o.KeepAlive, 12*time.Second), cmp.Or(o.Begin, 5*time.Second)
	if o.Authenticate == nil {
		o.Authenticate = func(context.Context, string) (viewer.Viewer, error) {
			return viewer.Viewer{}, fault.New(fault.Unauthenticated, "tokens are not known here; leave Authorization out")
		}
	}
	if o.Listeners == nil {
		o.Listeners = subscribers.New(subscribers.Options{})
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
	answerTime  = 20 * time.Second // for an operation with one answer that comes over a stream
)

// errSlow ends a subscription whose client does not read.
var errSlow = &fault.Error{Code: fault.Limited,
	Message: "you read too slowly and were cut off; subscribe again after this cursor and nothing is lost"}

// errGone ends a subscription whose client went away, or said that it is enough.
var errGone = errors.New("the client went away")

// carrier is what carries one subscription to its client.
type carrier interface {
	carry(answer []byte, cursor string) error // errSlow: it was written, and the client is to be cut off
}

// subscribe carries a subscription until its end, and says why it ended (nil: it
// is complete) and after which cursor to go on.
func (h *handler) subscribe(ctx context.Context, op *graphql.OperationContext, after, transport string, to carrier) (at string, err error) {
	ctx, leave, err := h.streams.Listeners.Admit(ctx)
	if err != nil {
		return after, err
	}
	defer leave()
	h.streams.Observe.SubscriptionBegan(transport)
	defer func() { h.streams.Observe.SubscriptionEnded(transport, endOf(err)) }()
	d := newDelivery(after)
	at = cmp.Or(after, given(op))
	responses, opCtx := h.exec.DispatchOperation(context.WithValue(ctx, deliveryKey{}, d), op)
	for {
		response := responses(opCtx)
		switch {
		case ctx.Err() != nil:
			return at, context.Cause(ctx)
		case response == nil:
			return at, d.err
		}
		at = cmp.Or(d.cursor, at)
		if err := to.carry(answerJSON(response), d.cursor); err != nil {
			return at, err
		}
		d.written <- struct{}{}
	}
}

// given is the cursor in the operation's arguments.
func given(op *graphql.OperationContext) string {
	for _, sel := range op.Operation.SelectionSet {
		if field, ok := sel.(*ast.Field); ok {
			after, _ := field.ArgumentMap(op.Variables)["after"].(string)
			return after
		}
	}
	return ""
}

// endOf names the end of a subscription for the numbers.
func endOf(err error) string {
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

// farewell is the error that tells why a subscription ended and where to go on.
func (h *handler) farewell(ctx context.Context, at string, err error) gqlerror.List {
	shown := h.errors.present(ctx, err)
	if at != "" {
		shown.Extensions["cursor"] = at
	}
	return gqlerror.List{shown}
}

// answerJSON is one answer of a stream, on one line.
func answerJSON(r *graphql.Response) []byte {
	errs := r.Errors
	if len(errs) > mostErrors {
		errs = errs[:mostErrors]
	}
	text, err := json.Marshal(struct {
		Errors gqlerror.List   `json:"errors,omitempty"`
		Data   json.RawMessage `json:"data,omitempty"`
	}{errs, r.Data}) // compacts the data
	if err != nil {
		text, _ = json.Marshal(map[string]gqlerror.List{"errors": {told(fault.Internal, "something went wrong on our side")}})
	}
	return text
}

func isSubscription(ctx context.Context) bool {
	op := graphql.GetOperationContext(ctx).Operation
	return op != nil && op.Operation == ast.Subscription
}
