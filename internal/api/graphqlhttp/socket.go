package graphqlhttp

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tonggao/tonggao/internal/api/slowconn"
	"github.com/tonggao/tonggao/internal/api/subscribers"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// The protocol is https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md;
// these are its codes for a client that violates it.
const (
	socketProtocol                             = "graphql-transport-ws"
	closeBadRequest       websocket.StatusCode = 4400
	closeUnauthorized     websocket.StatusCode = 4401
	closeForbidden        websocket.StatusCode = 4403
	closeNotAcceptable    websocket.StatusCode = 4406
	closeInitTimeout      websocket.StatusCode = 4408
	closeSubscriberExists websocket.StatusCode = 4409
	closeTooMany          websocket.StatusCode = 4429
	maxSubscriptions                           = 20  // at once on a connection
	maxSubscribes                              = 100 // in a subscribeWindow
	subscribeWindow                            = 10 * time.Second
	maxOperationID                             = 128 // bytes
	maxSocketMessage                           = 64 << 10
)

// message is a message of the protocol, in either direction.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// closeError ends a connection with a close frame.
type closeError struct {
	code   websocket.StatusCode
	reason string // at most 123 bytes
}

func (e closeError) Error() string { return e.reason }

func isUpgrade(header http.Header) bool {
	return strings.EqualFold(header.Get("Upgrade"), "websocket")
}

// hijacker gives the WebSocket library a slowconn.Conn instead of the plain connection.
type hijacker struct {
	http.ResponseWriter
	writeTimeout time.Duration
	conn         *slowconn.Conn
}

func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, both, err := slowconn.Hijack(h.ResponseWriter, h.writeTimeout)
	h.conn = conn
	return conn, both, err
}

// socket is one WebSocket connection.
type socket struct {
	h    *handler
	ws   *websocket.Conn
	conn *slowconn.Conn // below ws
	end  context.CancelCauseFunc

	initialized atomic.Bool // connection_init was received
	alive       atomic.Bool // a message was received since the last ping
	windowStart time.Time
	subscribes  int // since windowStart

	writing sync.Mutex // held while a message is written

	mu            sync.Mutex
	closing       bool                               // no subscription begins any more
	stopIdle      func() bool                        // stops the timer of a connection without a subscription; nil: it does not run
	subscriptions map[string]context.CancelCauseFunc // running, by the client's IDs
	running       sync.WaitGroup
}

// serveSocket accepts a WebSocket connection, which is served until either side closes it.
func (h *handler) serveSocket(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	ctx, leave, err := h.streams.Sockets.Admit(context.WithoutCancel(ctx)) // it outlasts the request
	if err != nil {
		h.errorResponse(ctx, httpError{http.StatusServiceUnavailable, err}).write(w, mediaGraphQL)
		return
	}
	hijack := &hijacker{ResponseWriter: w, writeTimeout: h.streams.WriteTimeout}
	ws, err := websocket.Accept(hijack, r, &websocket.AcceptOptions{Subprotocols: []string{socketProtocol}, OriginPatterns: h.streams.Origins})
	if err != nil {
		leave()
		return // Accept has written the response
	}
	ws.SetReadLimit(maxSocketMessage)
	ctx, cancel := context.WithCancelCause(ctx)
	s := &socket{h: h, ws: ws, conn: hijack.conn, end: cancel, windowStart: time.Now(), subscriptions: map[string]context.CancelCauseFunc{}}
	stopTimers := s.begin(ctx)
	context.AfterFunc(ctx, func() {
		defer leave()
		defer ws.CloseNow()
		stopTimers()
		s.close(s.finish(ctx))
	})
}

// begin reads and answers messages until ctx ends, and starts the timers of the connection.
func (s *socket) begin(ctx context.Context) (stop func()) {
	if s.ws.Subprotocol() != socketProtocol {
		s.end(closeError{closeNotAcceptable, "the subprotocol must be " + socketProtocol})
		return func() {}
	}
	go s.readLoop(ctx)
	initialization := time.AfterFunc(s.h.streams.InitTimeout, func() {
		if !s.initialized.Load() {
			s.end(closeError{closeInitTimeout, "Connection initialisation timeout"})
		}
	})
	heartbeat := s.keepAlive()
	return func() {
		initialization.Stop()
		heartbeat.Stop()
	}
}

// finish waits until every subscription has sent its closing message, and returns why the
// connection ended.
func (s *socket) finish(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	s.endIdle()
	s.mu.Unlock()
	s.running.Wait()
	return context.Cause(ctx)
}

// close sends the close frame for err.
func (s *socket) close(err error) {
	var frame closeError
	switch {
	case errors.As(err, &frame):
	case errors.Is(err, errSlow):
		frame = closeError{websocket.StatusTryAgainLater, "you read too slowly; subscribe again after the cursor in the error"}
	case errors.Is(err, subscribers.ErrStopping):
		frame = closeError{websocket.StatusGoingAway, "the server is stopping; connect again and subscribe after the cursor in the error"}
	case errors.Is(err, subscribers.ErrToken):
		frame = closeError{closeForbidden, "Forbidden"}
	case errors.Is(err, errGone), errors.Is(err, context.Canceled):
		return
	default:
		frame = closeError{websocket.StatusInternalError, "Internal server error"}
	}
	_ = s.ws.Close(frame.code, truncate(frame.reason, 123)) // fails only if the client is gone
}

// readLoop handles the messages of the client until the connection ends.
func (s *socket) readLoop(ctx context.Context) {
	defer s.recoverPanic()
	for {
		kind, text, err := s.ws.Read(context.Background()) // a context that ends would cut the connection without a close frame
		switch {
		case err != nil:
			err = errGone
		case kind != websocket.MessageText:
			err = closeError{closeBadRequest, "messages are JSON, in text"}
		default:
			s.alive.Store(true)
			ctx, err = s.handle(ctx, text)
		}
		if err != nil {
			s.end(err)
			return
		}
	}
}

// recoverPanic ends the connection, not the program, after a panic.
func (s *socket) recoverPanic() {
	if crash := recover(); crash != nil {
		_ = s.h.errors.present(context.Background(), &panicError{crash, debug.Stack()}) // logs it
		s.end(closeError{websocket.StatusInternalError, "Internal server error"})
	}
}

// handle handles one message. It returns the context for the messages after it, which has
// the viewer once the connection is initialized.
func (s *socket) handle(ctx context.Context, text []byte) (context.Context, error) {
	var m message
	if err := s.h.decode(text, &m, "the message", s.h.limits.Values); err != nil {
		return ctx, closeError{closeBadRequest, err.Error()}
	}
	switch m.Type {
	case "connection_init":
		return s.initialize(ctx, m)
	case "ping":
		return ctx, s.send(message{Type: "pong"})
	case "pong":
		return ctx, nil
	case "subscribe":
		return ctx, s.subscribe(ctx, m)
	case "complete":
		s.mu.Lock()
		defer s.mu.Unlock()
		if end, ok := s.subscriptions[m.ID]; ok {
			end(errGone)
		}
		return ctx, nil
	}
	return ctx, closeError{closeBadRequest, "Invalid message type"}
}

// initialize authenticates the client: by the token in the payload or, without one, by that
// of the HTTP request.
func (s *socket) initialize(ctx context.Context, m message) (context.Context, error) {
	if s.initialized.Swap(true) {
		return ctx, closeError{closeTooMany, "Too many initialisation requests"}
	}
	var payload map[string]any
	if len(m.Payload) > 0 && json.Unmarshal(m.Payload, &payload) != nil {
		return ctx, closeError{closeBadRequest, "the payload of connection_init must be an object"}
	}
	for name, value := range payload {
		if !strings.EqualFold(name, "Authorization") {
			continue
		}
		header, _ := value.(string)
		v, err := s.h.streams.Authenticate(ctx, header)
		if err != nil {
			return ctx, closeError{closeForbidden, "Forbidden"}
		}
		v.Address = viewer.From(ctx).Address
		if err := s.h.streams.Sockets.Identify(ctx, v); err != nil {
			return ctx, closeError{closeTooMany, err.Error()}
		}
		ctx = viewer.With(ctx, v)
	}
	if viewer.From(ctx).TokenID == "" && !s.h.streams.Public {
		return ctx, closeError{closeUnauthorized, "Unauthorized: every subscription needs a token"}
	}
	s.mu.Lock()
	s.beginIdle()
	s.mu.Unlock()
	return ctx, s.send(message{Type: "connection_ack"})
}

// beginIdle ends the connection unless a subscription begins in time. The caller holds mu.
func (s *socket) beginIdle() {
	if s.closing {
		return
	}
	s.stopIdle = s.h.streams.AfterFunc(s.h.streams.IdleTimeout, func() {
		s.mu.Lock()
		idle := len(s.subscriptions) == 0
		s.mu.Unlock()
		if idle {
			s.end(closeError{websocket.StatusNormalClosure, "no subscription; connect again when you need one"})
		}
	})
}

// endIdle stops the timer of beginIdle. The caller holds mu.
func (s *socket) endIdle() {
	if s.stopIdle != nil {
		s.stopIdle()
		s.stopIdle = nil
	}
}

func (s *socket) sendErrors(id string, errs gqlerror.List) error {
	text, _ := errorsJSON(errs)
	return s.send(message{ID: id, Type: "error", Payload: text})
}

// send sends a message, waiting for a slow consumer until the write timeout.
func (s *socket) send(m message) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return s.sendParts(text)
}

// sendParts sends a message, whose text is the parts together.
func (s *socket) sendParts(parts ...[]byte) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.write(parts)
}

// write writes one message, a frame for each part. The caller holds writing.
func (s *socket) write(parts [][]byte) error {
	w, err := s.ws.Writer(context.Background(), websocket.MessageText)
	for i := 0; err == nil && i < len(parts); i++ {
		_, err = w.Write(parts[i])
	}
	if err == nil {
		err = w.Close()
	}
	if err == nil {
		return nil
	}
	_ = s.ws.CloseNow() // nothing can follow half a message
	if s.conn.Stalled() {
		return errSlow
	}
	return errGone
}

// keepAlive sends a ping at every interval as a heartbeat until it is stopped, and ends the
// connection if no message was received since the last one.
func (s *socket) keepAlive() (heartbeat *time.Timer) {
	pinged := false
	heartbeat = time.AfterFunc(time.Hour, func() {
		if pinged && !s.alive.Swap(false) {
			s.end(errSlow)
			return
		}
		if pinged = s.writing.TryLock(); pinged { // otherwise an event is being written, which notices the same
			defer s.writing.Unlock()
			if s.write([][]byte{[]byte(`{"type":"ping"}`)}) != nil || s.conn.Stalled() {
				s.end(errSlow)
				return
			}
		}
		heartbeat.Reset(s.h.streams.KeepAlive)
	})
	heartbeat.Reset(s.h.streams.KeepAlive)
	return heartbeat
}
