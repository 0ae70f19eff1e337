package graphqlhttp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
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
	event := append(nextEvent("", text), completeEvent)
	_, _ = event.WriteTo(w) // fails only if the client is gone
}

// completeEvent is the last event of a stream.
var completeEvent = []byte("event: complete\ndata:\n\n")

// nextEvent returns a payload as the parts of an event. A browser's EventSource sends the ID
// of the last event when it reconnects.
func nextEvent(id string, payload ...[]byte) net.Buffers {
	head := "event: next\ndata: "
	if id != "" {
		head = "id: " + id + "\n" + head
	}
	return append(append(net.Buffers{[]byte(head)}, payload...), []byte("\n\n"))
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
	stream := &sseStream{conn: conn, sent: both.Reader.Buffered()}
	if err := stream.writeHead(w.Header()); err != nil {
		_ = conn.Close()
		return
	}
	// What served the request so far, its buffers and its deep stack, is not held by the stream.
	go h.runEventStream(context.WithoutCancel(ctx), stream, op, r.Header.Get("Last-Event-ID"))
}

// runEventStream runs a subscription over stream until its end.
func (h *handler) runEventStream(ctx context.Context, stream *sseStream, op *graphql.OperationContext, after string) {
	defer stream.conn.Close()
	defer func() {
		if crash := recover(); crash != nil { // ends the stream, not the program
			_ = h.errors.present(ctx, &panicError{crash, debug.Stack()}) // logs it
		}
	}()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		stream.waitForClose()
		cancel(errGone)
	}()
	defer stream.keepAlive(h.streams.KeepAlive, cancel)()
	cursor, err := h.subscribe(ctx, op, after, "sse", stream)
	if err != nil && !errors.Is(err, errGone) {
		last := payloadJSON(&graphql.Response{Errors: h.closingErrors(ctx, cursor, err)})
		_ = stream.write(nextEvent(cursor, last)...) // the connection is closed in any case
	}
	_ = stream.write(completeEvent)
}

// sseStream writes events to a connection.
type sseStream struct {
	mu   sync.Mutex // held while something is written
	conn *slowconn.Conn
	sent int // bytes that the client sent after its request
}

// maxSent bounds the bytes that a client may send after its request, which mean nothing.
const maxSent = 1 << 10

// waitForClose returns when the client closes the connection, which has no request to read
// any more, or sends too much.
func (s *sseStream) waitForClose() {
	var buf [64]byte
	for s.sent < maxSent {
		n, err := s.conn.Read(buf[:])
		if s.sent += n; err != nil {
			return
		}
	}
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

func (s *sseStream) next(payload [][]byte, cursor string) error {
	if err := s.write(nextEvent(cursor, payload...)...); err != nil {
		return err
	}
	if s.conn.Stalled() {
		return errSlow
	}
	return nil
}

func (s *sseStream) write(parts ...[]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writeLocked(parts)
}

func (s *sseStream) writeLocked(parts net.Buffers) error {
	if _, err := s.conn.WriteBuffers(parts); err != nil {
		if s.conn.Stalled() {
			return errSlow
		}
		return errGone
	}
	return nil
}

// keepAlive writes a comment at every interval as a heartbeat until stop is called, so that no
// proxy takes the connection for dead, and a client that is gone is noticed.
func (s *sseStream) keepAlive(interval time.Duration, cancel context.CancelCauseFunc) (stop func() bool) {
	var timer *time.Timer
	timer = time.AfterFunc(time.Hour, func() {
		if s.mu.TryLock() { // otherwise an event is being written, which notices the same
			defer s.mu.Unlock()
			if s.writeLocked(net.Buffers{[]byte(":\n\n")}) != nil || s.conn.Stalled() {
				cancel(errSlow)
				return
			}
		}
		timer.Reset(interval)
	})
	timer.Reset(interval)
	return timer.Stop
}
