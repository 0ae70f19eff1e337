package graphqlhttp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tonggao/tonggao/internal/api/slowconn"
)

// serveEvents answers a client that takes server-sent events, in the distinct
// connections mode of the protocol GraphQL over SSE. A query or mutation is
// answered with them only if the client takes nothing else.
func (h *handler) serveEvents(ctx context.Context, w http.ResponseWriter, r *http.Request, media string, single bool) {
	params, err := h.read(w, r)
	if err != nil {
		h.refuse(ctx, err).write(w, mediaGraphQL)
		return
	}
	op, errs := h.exec.CreateOperationContext(ctx, params)
	if len(errs) > 0 {
		h.requestErrors(graphql.WithOperationContext(ctx, op), op, errs, mediaGraphQL).write(w, mediaGraphQL)
		return
	}
	if op.Operation.Operation == ast.Subscription {
		h.stream(ctx, w, r, op)
		return
	}
	if err := allowed(w, r.Method, op.Operation.Operation); err != nil {
		h.refuse(ctx, err).write(w, mediaGraphQL)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	answer := h.execute(ctx, op)
	if single {
		answer.write(w, media)
		return
	}
	w.Header().Set("Content-Type", mediaEvents)
	text := answerJSON(&graphql.Response{Errors: answer.errors, Data: answer.data})
	_, _ = w.Write(append(event("", text), complete...)) // a client that went away is no error of ours
}

// complete is the event after which there is nothing more.
var complete = []byte("event: complete\ndata:\n\n")

// event is an answer as an event; a browser's EventSource says its id when it
// comes back.
func event(id string, answer []byte) []byte {
	var b bytes.Buffer
	if id != "" {
		fmt.Fprintf(&b, "id: %s\n", id)
	}
	fmt.Fprintf(&b, "event: next\ndata: %s\n\n", answer)
	return b.Bytes()
}

// stream carries a subscription as events, on the connection itself: the HTTP
// server would end it with its time limit, and could not say farewell to a client
// that does not read.
func (h *handler) stream(ctx context.Context, w http.ResponseWriter, r *http.Request, op *graphql.OperationContext) {
	if r.ProtoMajor != 1 {
		h.refuse(ctx, refused(http.StatusHTTPVersionNotSupported, "subscriptions need HTTP/1.1, or a WebSocket")).write(w, mediaGraphQL)
		return
	}
	conn, both, err := slowconn.Hijack(w, h.streams.Patience)
	if err != nil {
		h.refuse(ctx, err).write(w, mediaGraphQL)
		return
	}
	defer conn.Close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() { // a client that goes away ends its request
		_, _ = io.CopyN(io.Discard, both.Reader, 1<<10)
		cancel(errGone)
	}()
	to := &events{line: conn}
	if err := to.begin(w.Header()); err != nil {
		return
	}
	go to.keepAlive(ctx, h.streams.KeepAlive, cancel)
	at, err := h.subscribe(ctx, op, r.Header.Get("Last-Event-ID"), "sse", to)
	if err != nil && !errors.Is(err, errGone) {
		last := answerJSON(&graphql.Response{Errors: h.farewell(ctx, at, err)})
		_ = to.write(event(at, last))
	}
	_ = to.write(complete)
}

// events is a connection that carries events.
type events struct {
	mu   sync.Mutex
	line *slowconn.Conn
}

// begin writes the head of the answer. It has no length: the connection's end is
// the answer's.
func (e *events) begin(header http.Header) error {
	header.Set("Content-Type", mediaEvents)
	header.Set("Cache-Control", "no-store")
	header.Set("Connection", "close")
	header.Set("X-Accel-Buffering", "no") // a proxy must not collect them either
	header.Del("Content-Length")
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 200 OK\r\n")
	_ = header.Write(&b) // a buffer takes everything
	b.WriteString("\r\nretry: 1000\n:\n\n")
	return e.write(b.Bytes())
}

func (e *events) carry(answer []byte, cursor string) error {
	if err := e.write(event(cursor, answer)); err != nil {
		return err
	}
	if e.line.Stalled() {
		return errSlow
	}
	return nil
}

func (e *events) write(p []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, err := e.line.Write(p); err != nil {
		if e.line.Stalled() {
			return errSlow
		}
		return errGone
	}
	return nil
}

// keepAlive writes a comment now and then, so that nothing between us and the
// client takes the connection for dead.
func (e *events) keepAlive(ctx context.Context, every time.Duration, end context.CancelCauseFunc) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := e.write([]byte(":\n\n")); err != nil || e.line.Stalled() {
			end(errSlow)
			return
		}
	}
}
