package graphqlhttp_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/tonggao/tonggao/internal/api/graphqlhttp"
	"github.com/tonggao/tonggao/internal/api/subscribers"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// socketClient speaks graphql-transport-ws.
type socketClient struct {
	*websocket.Conn
	t *testing.T
}

// dial opens a WebSocket; header is names and values in turn.
func (s *streams) dial(header ...string) *socketClient {
	s.t.Helper()
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	conn, _, err := websocket.Dial(s.t.Context(), s.URL, &websocket.DialOptions{HTTPHeader: h, Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		s.t.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	s.t.Cleanup(func() { _ = conn.CloseNow() })
	return &socketClient{conn, s.t}
}

// connect opens a WebSocket that is initialized.
func (s *streams) connect(header ...string) *socketClient {
	s.t.Helper()
	c := s.dial(header...)
	c.send(`{"type":"connection_init"}`)
	c.want(`connection_ack `)
	return c
}

func (c *socketClient) send(text string) {
	c.t.Helper()
	if err := c.Write(context.Background(), websocket.MessageText, []byte(text)); err != nil {
		c.t.Fatalf("send %s: %v", text, err)
	}
}

func (c *socketClient) subscribe(id, document string) {
	c.t.Helper()
	text, _ := json.Marshal(map[string]any{"id": id, "type": "subscribe", "payload": map[string]any{"query": document}})
	c.send(string(text))
}

// receive returns the next message as "type id", then its number, or its code and cursor.
func (c *socketClient) receive() (string, error) {
	c.t.Helper()
	_, text, err := c.Read(context.Background())
	if err != nil {
		return "", err
	}
	var m struct {
		ID, Type string
		Payload  json.RawMessage
	}
	if err := json.Unmarshal(text, &m); err != nil {
		c.t.Fatalf("%v: %s", err, text)
	}
	line := m.Type + " " + m.ID
	switch m.Type {
	case "next":
		line += " " + countOf(decode(c.t, m.Payload).Data)
	case "error":
		errs := decode(c.t, []byte(`{"errors":`+string(m.Payload)+`}`)).Errors
		line += strings.TrimRight(" "+errs[0].Extensions.Code+" "+errs[0].Extensions.Cursor, " ")
	}
	return line, nil
}

func (c *socketClient) want(lines ...string) {
	c.t.Helper()
	for _, want := range lines {
		if got, err := c.receive(); got != want || err != nil {
			c.t.Fatalf("received %q, %v; want %q", got, err, want)
		}
	}
}

// wantClosed reads until the server closes the connection, and checks the code.
func (c *socketClient) wantClosed(code websocket.StatusCode, reason string) {
	c.t.Helper()
	for {
		_, err := c.receive()
		if err == nil {
			continue
		}
		var closed websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != code || !strings.Contains(closed.Reason, reason) {
			c.t.Errorf("closed with %v; want %d %s", err, code, reason)
		}
		return
	}
}

// TestSocket runs subscriptions on one connection, one after the other and side by side.
func TestSocket(t *testing.T) {
	t.Parallel()
	s := serveNumbers(t, graphqlhttp.StreamOptions{})
	c := s.connect()
	c.send(`{"type":"ping"}`)
	c.want(`pong `)
	c.send(`{"type":"pong"}`)
	c.subscribe("a", `subscription { count(upTo: 2) }`)
	c.want("next a 1", "next a 2", "complete a")
	s.endedWith("websocket complete")
	for range 20 { // an ID is free at once
		c.subscribe("a", `subscription { count(upTo: 1) }`)
		c.want("next a 1", "complete a")
		s.endedWith("websocket complete")
	}
	c.subscribe("a", `subscription { count(after: "4", upTo: 5, fail: "never") }`)
	c.want("next a 5")
	c.subscribe("b", `subscription { count(upTo: 1) }`)
	c.want("next b 1", "complete b")
	s.endedWith("websocket complete")
	c.send(`{"id":"a","type":"complete"}`)
	s.endedWith("websocket client")
	c.send(`{"id":"unknown","type":"complete"}`)
	c.send(`{"type":"ping"}`)
	c.want(`pong `)
	_ = c.Close(websocket.StatusNormalClosure, "")
}

// TestSocketErrors answers a subscribe message that is not valid with an error, and keeps
// the connection.
func TestSocketErrors(t *testing.T) {
	t.Parallel()
	s := serveNumbers(t, graphqlhttp.StreamOptions{})
	c := s.connect()
	for _, m := range []struct{ payload, want string }{
		{`{"query":"{site}"}`, "error x BAD_USER_INPUT"},
		{`{"query":"mutation{rename}"}`, "error x BAD_USER_INPUT"},
		{`{"query":"subscription{nope}"}`, "error x BAD_USER_INPUT"},
		{`{"query":"subscription{"}`, "error x BAD_USER_INPUT"},
		{`{}`, "error x BAD_USER_INPUT"},
		{`[]`, "error x BAD_USER_INPUT"},
		{`{"query":"subscription{count}","operationName":"X"}`, "error x BAD_USER_INPUT"},
		{`{"query":"subscription{` + strings.Repeat("count ", 2000) + `}"}`, "error x TOO_EXPENSIVE"},
		{`{"query":"subscription{count(upTo:1,fail:\"fault\")}"}`, "next x 1"},
	} {
		c.send(`{"id":"x","type":"subscribe","payload":` + m.payload + `}`)
		c.want(m.want)
	}
	c.want("error x CONFLICT 1")
	c.subscribe("y", `subscription { count(upTo: 1, fail: "defect") }`)
	c.want("next y 1", "error y INTERNAL 1")
	for i := range 20 {
		c.subscribe(fmt.Sprint(i), `subscription { count(upTo: 1, fail: "never") }`)
		c.want(fmt.Sprintf("next %d 1", i))
	}
	c.subscribe("one more", `subscription { count(upTo: 1) }`)
	c.want("error one more LIMITED")
}

// TestSocketViolations closes the connection of a client that violates the protocol, with the
// code that the protocol has for it.
func TestSocketViolations(t *testing.T) {
	t.Parallel()
	const begin = `{"type":"connection_init"}`
	s := serveNumbers(t, graphqlhttp.StreamOptions{})
	endless := `{"id":"a","type":"subscribe","payload":{"query":"subscription{count(upTo:0,fail:\"never\")}"}}`
	many := []string{begin}
	for range 101 {
		many = append(many, `{"id":"a","type":"subscribe","payload":{}}`)
	}
	for _, c := range []struct {
		name     string
		messages []string
		code     websocket.StatusCode
		reason   string
	}{
		{"not JSON", []string{`hello`}, 4400, "not a JSON object"},
		{"an unknown type", []string{`{"type":"start"}`}, 4400, "Invalid message type"},
		{"GBK", []string{begin, "{\"id\":\"a\",\"type\":\"subscribe\",\"payload\":{\"query\":\"\xc4\xe3\"}}"}, 4400, "UTF-8"},
		{"half of a surrogate pair", []string{begin, `{"id":"a","type":"subscribe","payload":{"query":"\ud83d"}}`}, 4400, "UTF-8"},
		{"a subscription before its time", []string{endless}, 4401, "Unauthorized"},
		{"no ID", []string{begin, `{"type":"subscribe","payload":{}}`}, 4400, "id"},
		{"a long ID", []string{begin, `{"id":"` + strings.Repeat("x", 129) + `","type":"subscribe","payload":{}}`}, 4400, "128 bytes"},
		{"an ID twice", []string{begin, endless, endless}, 4409, "Subscriber for a already exists"},
		{"two beginnings", []string{begin, begin}, 4429, "initialisation"},
		{"a payload that is a list", []string{`{"type":"connection_init","payload":[]}`}, 4400, "object"},
		{"a token where none is known", []string{`{"type":"connection_init","payload":{"Authorization":"Bearer x"}}`}, 4403, "Forbidden"},
		{"too many subscriptions in a time", many, 4429, "ten seconds"},
		{"a large message", []string{begin + strings.Repeat(" ", 64<<10)}, websocket.StatusMessageTooBig, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &streams{Server: s.Server, t: t, ended: s.ended}
			client := s.dial()
			for _, m := range c.messages {
				_ = client.Write(t.Context(), websocket.MessageText, []byte(m)) // fails once the server has closed
			}
			client.wantClosed(c.code, c.reason)
		})
	}
	binary := s.dial()
	if err := binary.Write(t.Context(), websocket.MessageBinary, []byte(begin)); err != nil {
		t.Fatal(err)
	}
	binary.wantClosed(4400, "text")
	other, _, err := websocket.Dial(t.Context(), s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	(&socketClient{other, t}).wantClosed(4406, "graphql-transport-ws")
}

// TestSocketInitTimeout closes a connection on which the client says nothing.
func TestSocketInitTimeout(t *testing.T) {
	t.Parallel()
	s := serveNumbers(t, graphqlhttp.StreamOptions{InitTimeout: time.Millisecond})
	s.dial().wantClosed(4408, "initialisation timeout")
}

// TestSocketAuthentication uses the token of the payload, else that of the request.
func TestSocketAuthentication(t *testing.T) {
	t.Parallel()
	s := serveNumbers(t, graphqlhttp.StreamOptions{Authenticate: func(_ context.Context, header string) (viewer.Viewer, error) {
		if header != "Bearer good" {
			return viewer.Viewer{}, errors.New("unknown token")
		}
		return viewer.Viewer{Role: viewer.Integrator, TokenID: "tok_payload"}, nil
	}})
	request := s.connect("Authorization", "tok_request")
	request.subscribe("a", `subscription { count(upTo: 1) }`)
	request.want("next a 1tok_request", "complete a")
	payload := s.dial("Authorization", "tok_request")
	payload.send(`{"type":"connection_init","payload":{"authorization":"Bearer good","other":1}}`)
	payload.want("connection_ack ")
	payload.subscribe("a", `subscription { count(upTo: 1) }`)
	payload.want("next a 1tok_payload", "complete a")
	bad := s.dial()
	bad.send(`{"type":"connection_init","payload":{"Authorization":1}}`)
	bad.wantClosed(4403, "Forbidden")
}

// TestSocketTokenEnds closes the connection of a token that was revoked, after a closing
// message with the cursor.
func TestSocketTokenEnds(t *testing.T) {
	t.Parallel()
	registry, endTokens := endableTokens()
	s := serveNumbers(t, graphqlhttp.StreamOptions{Subscriptions: registry})
	c := s.connect("Authorization", "tok_a")
	c.subscribe("a", `subscription { count(upTo: 3, fail: "never") }`)
	c.want("next a 1tok_a", "next a 2tok_a", "next a 3tok_a")
	endTokens()
	c.want("error a UNAUTHENTICATED 3")
	c.wantClosed(4403, "Forbidden")
	s.endedWith("websocket token")
}

// TestSocketGracefulShutdown ends the subscriptions with a cursor and the connection with the
// code for a server that goes away.
func TestSocketGracefulShutdown(t *testing.T) {
	t.Parallel()
	o := graphqlhttp.StreamOptions{Subscriptions: subscribers.New(subscribers.Options{}), Sockets: subscribers.New(subscribers.Options{})}
	s := serveNumbers(t, o)
	c := s.connect()
	c.subscribe("a", `subscription { count(upTo: 1, fail: "never") }`)
	c.want("next a 1")
	closed := make(chan error, 1)
	go func() { closed <- o.Sockets.Close(t.Context()) }()
	c.want("error a UNAVAILABLE 1")
	c.wantClosed(websocket.StatusGoingAway, "stopping")
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if _, response, err := websocket.Dial(t.Context(), s.URL, nil); err == nil || response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a new connection: %v", err)
	}
}

// TestSocketSlowConsumer cuts off a client that does not read.
func TestSocketSlowConsumer(t *testing.T) {
	t.Parallel()
	s := serveNumbers(t, graphqlhttp.StreamOptions{WriteTimeout: 500 * time.Millisecond})
	c := s.connect()
	c.subscribe("a", `subscription { count(padding: 30000) }`)
	s.endedWith("websocket slow")
	last := ""
	for {
		line, err := c.receive()
		if err != nil {
			t.Fatalf("after %q: %v", last, err)
		}
		cursor, more := strings.CutPrefix(line, "next a ")
		if !more {
			if want := "error a LIMITED " + last; line != want {
				t.Errorf("%q, want %q", line, want)
			}
			break
		}
		last = cursor
	}
	c.wantClosed(websocket.StatusTryAgainLater, "too slowly")
}

// TestSocketHeartbeat pings the client, and closes the connection of one that does not answer.
func TestSocketHeartbeat(t *testing.T) {
	t.Parallel()
	s := serveNumbers(t, graphqlhttp.StreamOptions{KeepAlive: 20 * time.Millisecond})
	c := s.connect()
	c.want("ping ")
	c.wantClosed(websocket.StatusTryAgainLater, "too slowly")
}

// TestSocketOrigins lets only the server's own pages and the configured ones open a WebSocket.
func TestSocketOrigins(t *testing.T) {
	t.Parallel()
	s := serveNumbers(t, graphqlhttp.StreamOptions{Origins: []string{"https://portal.example"}})
	for origin, want := range map[string]int{s.URL: http.StatusSwitchingProtocols, "https://portal.example": http.StatusSwitchingProtocols, "https://evil.example": http.StatusForbidden} {
		conn, response, err := websocket.Dial(t.Context(), s.URL, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {origin}}, Subprotocols: []string{"graphql-transport-ws"}})
		if response == nil || response.StatusCode != want {
			t.Errorf("%s: %v %v", origin, response, err)
		}
		if err == nil {
			_ = conn.CloseNow()
		}
	}
}
