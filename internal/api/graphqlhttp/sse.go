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

// serveEvents answers a client that accepts server-sent events, in the distinct connections
// mode of https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md. A query or
// mutation is answered with events only if the client accepts no JSON.
func (h *handler) serveEvents(ctx context.Context, w http.ResponseWriter, r *http.Request, media string, acceptsJSON bool) {
	if err := h.admission.Check(ctx); err != nil {
		h.notAdmitted(ctx, err).write(w, mediaGraphQL)
		return
	}
	params, err := h.readParams(w, r)
	if err != nil {
		h.invalidRequest(ctx, err).write(w, mediaGraphQL)
		return
	}
	op, errs := h.exec.CreateOperationContext(ctx, params)
	if len(errs) > 0 {
		h.invalidOperation(graphql.WithOperationContext(ctx, op), op, errs, mediaGraphQL).write(w, mediaGraphQL)
		return
	}
	if op.Operation.Operation == ast.Subscription {
		h.serveEventStream(ctx, w, r, op)
		return
	}
	if err := checkMethod(w, r.Method, op.Operation.Operation); err != nil {
		h.invalidRequest(ctx, err).write(w, mediaGraphQL)
		return
	}
	resp := h.execute(ctx, op)
	if acceptsJSON || resp.status != http.StatusOK {
		resp.write(w, media)
		return
	}
	w.Header().Set("Content-Type", mediaEvents)
	text := payloadJSON(&graphql.Response{Errors: resp.errors, Data: resp.data})
	_, _ = w.Write(append(nextEvent("", text), completeEvent...)) // fails only if the client is gone
}

// completeEvent is the last event of a stream.
var completeEvent = []byte("event: complete\ndata:\n\n")

// nextEvent formats a payload as an event. A browser's EventSource sends the ID of the last
// event when it reconnects.
func nextEvent(id string, payload []byte) []byte {
	var b bytes.Buffer
	if id != "" {
		fmt.Fprintf(&b, "id: %s\n", id)
	}
	fmt.Fprintf(&b, "event: next\ndata: %s\n\n", payload)
	return b.Bytes()
}

// serveEventStream runs a subscription as a stream of events. It takes the connection over:
// the HTTP server would end it at its write timeout, and could not write a closing message
// to a client that does not read.
func (h *handler) serveEventStream(ctx context.Context, w http.ResponseWriter, r *http.Request, op *graphql.OperationContext) {
	if r.ProtoMajor != 1 {
		h.errorResponse(ctx, requestError(http.StatusHTTPVersionNotSupported, "subscriptions need HTTP/1.1, or a WebSocket")).write(w, mediaGraphQL)
		return
	}
	conn, both, err := slowconn.Hijack(w, h.streams.WriteTimeout)
	if err != nil {
		h.errorResponse(ctx, fmt.Errorf("take over the connection: %w", err)).write(w, mediaGraphQL)
		return
	}
	defer conn.Close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() { // the connection has no request to read any more: reading ends when the client closes it
		_, _ = io.CopyN(io.Discard, both.Reader, 1<<10)
		cancel(errGone)
	}()
	stream := &sseStream{conn: conn}
	if err := stream.writeHead(w.Header()); err != nil {
		return
	}
	go stream.keepAlive(ctx, h.streams.KeepAlive, cancel)
	cursor, err := h.subscribe(ctx, op, r.Header.Get("Last-Event-ID"), "sse", stream)
	if err != nil && !errors.Is(err, errGone) {
		last := payloadJSON(&graphql.Response{Errors: h.closingErrors(ctx, cursor, err)})
		_ = stream.write(nextEvent(cursor, last)) // the connection is closed in any case
	}
	_ = stream.write(completeEvent)
}

// sseStream writes events to a connection.
type sseStream struct {
	mu   sync.Mutex
	conn *slowconn.Conn
}

// writeHead writes the head of the response. It has no length: the response ends with the
// connection.
func (s *sseStream) writeHead(header http.Header) error {
	header.Set("Content-Type", mediaEvents)
	header.Set("Cache-Control", "no-store")
	header.Set("Connection", "close")
	header.Set("X-Accel-Buffering", "no") // proxies must not buffer either
	header.Del("Content-Length")
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 200 OK\r\n")
	_ = header.Write(&b) // a buffer takes everything
	b.WriteString("\r\nretry: 1000\n:\n\n")
	return s.write(b.Bytes())
}

func (s *sseStream) next(payload []byte, cursor string) error {
	if err := s.write(nextEvent(cursor, payload)); err != nil {
		return err
	}
	if s.conn.Stalled() {
		return errSlow
	}
	return nil
}

func (s *sseStream) write(p []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.conn.Write(p); err != nil {
		if s.conn.Stalled() {
			return errSlow
		}
		return errGone
	}
	return nil
}

// keepAlive writes a comment at every interval as a heartbeat, so that no proxy takes the
// connection for dead, and a client that is gone is noticed.
func (s *sseStream) keepAlive(ctx context.Context, interval time.Duration, cancel context.CancelCauseFunc) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := s.write([]byte(":\n\n")); err != nil || s.conn.Stalled() {
			cancel(errSlow)
			return
		}
	}
}
