package graphqlhttp

import (
	"context"
	"errors"
	"fmt"
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
	case !s.begun.Load():
		return hangUp{closeUnauthorized, "Unauthorized"}
	case m.ID == "" || len(m.ID) > longestOperationID:
		return hangUp{closeBadRequest, fmt.Sprintf("a subscription needs an id of at most %d bytes", longestOperationID)}
	case !s.pace():
		return hangUp{closeTooMany, "too many subscribe messages; wait ten seconds and connect again"}
	}
	ctx, err := s.enlist(ctx, m.ID)
	if fault.Is(err, fault.Limited) {
		return s.fail(ctx, m.ID, "", err)
	}
	if err != nil {
		return err
	}
	op, errs := s.open(ctx, m.Payload)
	if len(errs) > 0 {
		s.finished(m.ID)
		return s.sayErrors(m.ID, errs)
	}
	go s.run(ctx, m.ID, op)
	return nil
}

// enlist makes room for a subscription; its context is the one to run it in.
func (s *socket) enlist(ctx context.Context, id string) (context.Context, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return ctx, errGone
	}
	if _, twice := s.running[id]; twice {
		return ctx, hangUp{closeSubscriberExists, clip("Subscriber for "+id, 100) + " already exists"}
	}
	if len(s.running) >= mostOnSocket {
		return ctx, fault.New(fault.Limited, "a connection carries at most %d subscriptions at once; complete one, or open another connection", mostOnSocket)
	}
	ctx, s.running[id] = context.WithCancelCause(ctx)
	s.all.Add(1)
	return ctx, nil
}

// pace reports whether the client subscribes no faster than it may.
func (s *socket) pace() bool {
	if now := time.Now(); now.Sub(s.since) > subscribesWithin {
		s.since, s.asked = now, 0
	}
	s.asked++
	return s.asked <= mostSubscribes
}

// open reads and checks what is subscribed to.
func (s *socket) open(ctx context.Context, payload []byte) (*graphql.OperationContext, gqlerror.List) {
	start := graphql.Now()
	var p parameters
	err := s.h.decode(payload, &p, "the payload", s.h.limits.Values)
	if err == nil && p.Query == "" {
		err = fault.New(fault.BadUserInput, "query is missing: the text of the document, as a string")
	}
	if err != nil {
		return nil, gqlerror.List{s.h.errors.present(ctx, err)}
	}
	ctx = graphql.StartOperationTrace(ctx)
	op, errs := s.h.exec.CreateOperationContext(ctx, &graphql.RawParams{
		Query: p.Query, OperationName: p.OperationName, Variables: p.Variables, Extensions: p.Extensions,
		ReadTime: graphql.TraceTiming{Start: start, End: graphql.Now()},
	})
	if len(errs) > 0 {
		return nil, s.h.requestErrors(graphql.WithOperationContext(ctx, op), op, errs, mediaJSON).errors
	}
	if op.Operation.Operation != ast.Subscription {
		return nil, gqlerror.List{told(fault.BadUserInput, "a WebSocket is for subscriptions only; send queries and mutations by POST")}
	}
	return op, nil
}

// run carries one subscription.
func (s *socket) run(ctx context.Context, id string, op *graphql.OperationContext) {
	defer s.survive()
	defer s.finished(id)
	at, err := s.h.subscribe(ctx, op, "", "websocket", &carriage{s, id})
	switch {
	case err == nil:
		err = s.say(message{ID: id, Type: "complete"})
	case errors.Is(err, errGone):
	default:
		why := err
		if err = s.fail(ctx, id, at, why); errors.Is(why, errSlow) || errors.Is(why, subscribers.ErrToken) {
			err = why // ends the connection, too
		}
	}
	if err != nil && !errors.Is(context.Cause(ctx), errGone) {
		s.end(err)
	}
}

// finished makes room for another subscription.
func (s *socket) finished(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running[id](nil)
	delete(s.running, id)
	s.all.Done()
}

// carriage carries the answers of one subscription.
type carriage struct {
	*socket
	id string
}

func (c *carriage) carry(answer []byte, _ string) error {
	if err := c.say(message{ID: c.id, Type: "next", Payload: answer}); err != nil {
		return err
	}
	if c.line.Stalled() {
		return errSlow
	}
	return nil
}

// fail ends a subscription with an error that tells where to go on.
func (s *socket) fail(ctx context.Context, id, at string, err error) error {
	return s.sayErrors(id, s.h.farewell(ctx, at, err))
}
