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
// these are its codes for a client that does not keep to it.
const (
	socketProtocol                             = "graphql-transport-ws"
	closeBadRequest       websocket.StatusCode = 4400
	closeUnauthorized     websocket.StatusCode = 4401
	closeForbidden        websocket.StatusCode = 4403
	closeNotAcceptable    websocket.StatusCode = 4406
	closeInitTimeout      websocket.StatusCode = 4408
	closeSubscriberExists websocket.StatusCode = 4409
	closeTooMany          websocket.StatusCode = 4429
	mostOnSocket                               = 20  // subscriptions at once
	mostSubscribes                             = 100 // in a stretch of time
	subscribesWithin                           = 10 * time.Second
	longestOperationID                         = 128 // bytes
	largestSocketMessage                       = 64 << 10
)

// message is what both sides send.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// hangUp is the end of a connection.
type hangUp struct {
	code   websocket.StatusCode
	reason string // at most 123 bytes
}

func (h hangUp) Error() string { return h.reason }

func isUpgrade(header http.Header) bool {
	return strings.EqualFold(header.Get("Upgrade"), "websocket")
}

// taking hands the WebSocket library a line instead of the connection.
type taking struct {
	http.ResponseWriter
	patience time.Duration
	line     *slowconn.Conn
}

func (t *taking) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	l, both, err := slowconn.Hijack(t.ResponseWriter, t.patience)
	t.line = l
	return l, both, err
}

// socket is one WebSocket.
type socket struct {
	h    *handler
	conn *websocket.Conn
	line *slowconn.Conn
	end  context.CancelCauseFunc

	begun atomic.Bool // connection_init has come
	heard atomic.Bool // something, since it was asked for
	since time.Time
	asked int // subscribes since then

	mu      sync.Mutex
	over    bool                               // nothing new begins
	running map[string]context.CancelCauseFunc // subscriptions, by the client's ids
	all     sync.WaitGroup
}

// serveSocket talks over a WebSocket until either side hangs up.
func (h *handler) serveSocket(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	ctx, leave, err := h.streams.Sockets.Admit(ctx)
	if err != nil {
		refused := h.refuse(ctx, err)
		refused.status = http.StatusServiceUnavailable
		refused.write(w, mediaGraphQL)
		return
	}
	defer leave()
	take := &taking{ResponseWriter: w, patience: h.streams.Patience}
	conn, err := websocket.Accept(take, r, &websocket.AcceptOptions{Subprotocols: []string{socketProtocol}, OriginPatterns: h.streams.Origins})
	if err != nil {
		return // it has answered
	}
	defer conn.CloseNow()
	conn.SetReadLimit(largestSocketMessage)
	ctx, cancel := context.WithCancelCause(ctx)
	s := &socket{h: h, conn: conn, line: take.line, end: cancel, since: time.Now(), running: map[string]context.CancelCauseFunc{}}
	s.close(s.talk(ctx))
}

// talk goes on until the client or the context ends, and says why it ended. By
// then all subscriptions have said farewell.
func (s *socket) talk(ctx context.Context) error {
	if s.conn.Subprotocol() != socketProtocol {
		return hangUp{closeNotAcceptable, "the subprotocol must be " + socketProtocol}
	}
	go s.listen(ctx)
	go s.keepAlive(ctx)
	begin := time.AfterFunc(s.h.streams.Begin, func() {
		if !s.begun.Load() {
			s.end(hangUp{closeInitTimeout, "Connection initialisation timeout"})
		}
	})
	defer begin.Stop()
	<-ctx.Done()
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
	s.all.Wait()
	return context.Cause(ctx)
}

// close hangs up with what err says.
func (s *socket) close(err error) {
	var because hangUp
	switch {
	case errors.As(err, &because):
	case errors.Is(err, errSlow):
		because = hangUp{websocket.StatusTryAgainLater, "you read too slowly; subscribe again after the cursor in the error"}
	case errors.Is(err, subscribers.ErrStopping):
		because = hangUp{websocket.StatusGoingAway, "the server is stopping; connect again and subscribe after the cursor in the error"}
	case errors.Is(err, subscribers.ErrToken):
		because = hangUp{closeForbidden, "Forbidden"}
	case errors.Is(err, errGone), errors.Is(err, context.Canceled):
		return
	default:
		because = hangUp{websocket.StatusInternalError, "Internal server error"}
	}
	_ = s.conn.Close(because.code, clip(because.reason, 123)) // a client that is gone need not hear it
}

// listen does what the client says.
func (s *socket) listen(ctx context.Context) {
	defer s.survive()
	for {
		kind, text, err := s.conn.Read(context.Background()) // the end of a context would cut the line
		switch {
		case err != nil:
			err = errGone
		case kind != websocket.MessageText:
			err = hangUp{closeBadRequest, "messages are JSON, in text"}
		default:
			s.heard.Store(true)
			ctx, err = s.hear(ctx, text)
		}
		if err != nil {
			s.end(err)
			return
		}
	}
}

// survive ends the connection, not the program, when something panics.
func (s *socket) survive() {
	if crash := recover(); crash != nil {
		_ = s.h.errors.present(context.Background(), &panicked{crash, debug.Stack()}) // logs it
		s.end(hangUp{websocket.StatusInternalError, "Internal server error"})
	}
}

// hear does what one message says. The context it returns is that of the
// messages after it.
func (s *socket) hear(ctx context.Context, text []byte) (context.Context, error) {
	var m message
	if err := s.h.decode(text, &m, "the message", s.h.limits.Values); err != nil {
		return ctx, hangUp{closeBadRequest, err.Error()}
	}
	switch m.Type {
	case "connection_init":
		return s.begin(ctx, m)
	case "ping":
		return ctx, s.say(message{Type: "pong"})
	case "pong":
		return ctx, nil
	case "subscribe":
		return ctx, s.subscribe(ctx, m)
	case "complete":
		s.mu.Lock()
		defer s.mu.Unlock()
		if end, ok := s.running[m.ID]; ok {
			end(errGone)
		}
		return ctx, nil
	}
	return ctx, hangUp{closeBadRequest, "Invalid message type"}
}

// begin finds out who the client is: by the token in the payload or, without one,
// by that of the HTTP request.
func (s *socket) begin(ctx context.Context, m message) (context.Context, error) {
	if s.begun.Swap(true) {
		return ctx, hangUp{closeTooMany, "Too many initialisation requests"}
	}
	var payload map[string]any
	if len(m.Payload) > 0 && json.Unmarshal(m.Payload, &payload) != nil {
		return ctx, hangUp{closeBadRequest, "the payload of connection_init must be an object"}
	}
	for name, value := range payload {
		if !strings.EqualFold(name, "Authorization") {
			continue
		}
		header, _ := value.(string)
		v, err := s.h.streams.Authenticate(ctx, header)
		if err != nil {
			return ctx, hangUp{closeForbidden, "Forbidden"}
		}
		v.Address = viewer.From(ctx).Address
		ctx = viewer.With(ctx, v)
	}
	return ctx, s.say(message{Type: "connection_ack"})
}

func (s *socket) sayErrors(id string, errs gqlerror.List) error {
	text, _ := errorsJSON(errs)
	return s.say(message{ID: id, Type: "error", Payload: text})
}

// say sends a message. It waits for the client as long as the line is patient.
func (s *socket) say(m message) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := s.conn.Write(context.Background(), websocket.MessageText, text); err != nil {
		if s.line.Stalled() {
			return errSlow
		}
		return errGone
	}
	return nil
}

// keepAlive asks for a sign of life now and then, and ends the connection where
// none comes until it asks again.
func (s *socket) keepAlive(ctx context.Context) {
	ticker := time.NewTicker(s.h.streams.KeepAlive)
	defer ticker.Stop()
	for asked := false; ; asked = true {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if asked && !s.heard.Swap(false) || s.say(message{Type: "ping"}) != nil || s.line.Stalled() {
			s.end(errSlow)
			return
		}
	}
}
