package graphqlhttp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tonggao/tonggao/internal/api/subscribers"
	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// subscribe begins a subscription.
func (s *socket) subscribe(ctx context.Context, m message) error {
	switch {
	case !s.initialized.Load():
		return closeError{closeUnauthorized, "Unauthorized"}
	case m.ID == "" || len(m.ID) > maxOperationID:
		return closeError{closeBadRequest, fmt.Sprintf("a subscription needs an id of at most %d bytes", maxOperationID)}
	case !s.allowSubscribe():
		return closeError{closeTooMany, "too many subscribe messages; wait ten seconds and connect again"}
	}
	switch err := s.h.streams.Sockets.Check(ctx); { // the connection may be older than the end of its token
	case errors.Is(err, subscribers.ErrToken):
		return err
	case err != nil:
		return s.sendClosing(ctx, m.ID, "", err)
	}
	ctx, err := s.register(ctx, m.ID)
	if fault.Is(err, fault.Limited) {
		return s.sendClosing(ctx, m.ID, "", err)
	}
	if err != nil {
		return err
	}
	op, errs := s.newOperation(ctx, m.Payload)
	if len(errs) > 0 {
		defer s.running.Done()
		s.unregister(m.ID)
		return s.sendErrors(m.ID, errs)
	}
	go s.run(ctx, m.ID, op)
	return nil
}

// register adds a subscription and returns the context to run it in.
func (s *socket) register(ctx context.Context, id string) (context.Context, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return ctx, errGone
	}
	if _, exists := s.subscriptions[id]; exists {
		return ctx, closeError{closeSubscriberExists, truncate("Subscriber for "+id, 100) + " already exists"}
	}
	if len(s.subscriptions) >= maxSubscriptions {
		return ctx, fault.New(fault.Limited, "a connection carries at most %d subscriptions at once; complete one, or open another connection", maxSubscriptions)
	}
	ctx, s.subscriptions[id] = context.WithCancelCause(ctx)
	s.endIdle()
	s.running.Add(1)
	return ctx, nil
}

// allowSubscribe applies the rate limit of subscribe messages.
func (s *socket) allowSubscribe() bool {
	if now := time.Now(); now.Sub(s.windowStart) > subscribeWindow {
		s.windowStart, s.subscribes = now, 0
	}
	s.subscribes++
	return s.subscribes <= maxSubscribes
}

// newOperation reads and checks the operation of a subscribe message.
func (s *socket) newOperation(ctx context.Context, payload []byte) (*graphql.OperationContext, gqlerror.List) {
	start := graphql.Now()
	var p parameters
	err := s.h.decode(payload, &p, "the payload", s.h.limits.Values)
	if err == nil && p.Query == "" {
		err = fault.New(fault.BadUserInput, missingQuery)
	}
	if err != nil {
		return nil, gqlerror.List{s.h.errors.present(ctx, err)}
	}
	op, errs := s.h.exec.CreateOperationContext(graphql.StartOperationTrace(ctx), p.raw(start, nil))
	if len(errs) > 0 {
		return nil, s.h.invalidOperation(graphql.WithOperationContext(ctx, op), op, errs, mediaJSON).errors
	}
	if op.Operation.Operation != ast.Subscription {
		return nil, gqlerror.List{newError(fault.BadUserInput, "a WebSocket is for subscriptions only; send queries and mutations by POST")}
	}
	return op, nil
}

// run runs one subscription until its end and sends its closing message. A slow consumer and
// a token that ended close the connection, too.
func (s *socket) run(ctx context.Context, id string, op *graphql.OperationContext) {
	defer s.running.Done()
	defer s.recoverPanic()
	cursor, why := s.stream(ctx, id, op)
	var err error
	switch {
	case why == nil:
		err = s.send(message{ID: id, Type: "complete"})
	case errors.Is(why, errGone):
		err = why
	default:
		if err = s.sendClosing(ctx, id, cursor, why); errors.Is(why, errSlow) || errors.Is(why, subscribers.ErrToken) {
			err = why
		}
	}
	if err != nil && !errors.Is(context.Cause(ctx), errGone) {
		s.end(err)
	}
}

// stream sends the events of one subscription until its end. When it returns, the client's ID
// is free: a client may use it again as soon as it has received the closing message.
func (s *socket) stream(ctx context.Context, id string, op *graphql.OperationContext) (cursor string, why error) {
	defer s.unregister(id)
	return s.h.subscribe(ctx, op, "", "websocket", &socketWriter{s, id})
}

// unregister removes a subscription.
func (s *socket) unregister(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subscriptions[id](nil)
	if delete(s.subscriptions, id); len(s.subscriptions) == 0 {
		s.beginIdle()
	}
}

// socketWriter writes the events of one subscription.
type socketWriter struct {
	*socket
	id string
}

func (w *socketWriter) next(payload [][]byte, _ string) error {
	id, err := json.Marshal(w.id)
	if err != nil {
		return err
	}
	parts := append([][]byte{slices.Concat([]byte(`{"type":"next","id":`), id, []byte(`,"payload":`))}, payload...)
	if err := w.sendParts(append(parts, []byte("}"))...); err != nil {
		return err
	}
	if w.conn.Stalled() {
		return errSlow
	}
	return nil
}

// sendClosing ends a subscription with its closing message.
func (s *socket) sendClosing(ctx context.Context, id, cursor string, err error) error {
	return s.sendErrors(id, s.h.closingErrors(ctx, cursor, err))
}
