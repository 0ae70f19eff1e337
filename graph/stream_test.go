package graph_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/tonggao/tonggao/internal/testkit/apptest"
)

// A result is one response of a subscription: a change, or errors.
type result struct {
	Data struct {
		Changes struct {
			Cursor string
			Node   struct {
				Kind, ItemID, ItemType string
				Item                   json.RawMessage
			}
		}
	}
	Errors []apptest.Error
}

// An event is a server-sent event.
type event struct {
	ID, Name string
	Result   result
}

// events reads a subscription over SSE.
type events struct {
	Status int
	t      testing.TB
	lines  *bufio.Scanner
	Close  func()
}

// subscribe subscribes over SSE; header holds more headers of the request, names and values in turn.
func subscribe(t *testing.T, p *apptest.Program, token, query string, header ...string) *events {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+"/graphql?query="+url.QueryEscape(query), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatalf("subscribe: %v", err)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 16<<20)
	return &events{resp.StatusCode, t, lines, func() { cancel(); _ = resp.Body.Close() }}
}

// Next returns the next event; ok is false where the stream has ended.
func (e *events) Next() (event event, ok bool) {
	e.t.Helper()
	for e.lines.Scan() {
		name, value, _ := strings.Cut(e.lines.Text(), ": ")
		switch name {
		case "id":
			event.ID = value
		case "event":
			event.Name = value
		case "data":
			if err := json.Unmarshal([]byte(value), &event.Result); err != nil {
				e.t.Fatalf("%v in %q", err, value)
			}
		case "":
			if event.Name != "" {
				return event, true
			}
		}
	}
	return event, event.Name != ""
}

// message is a message of graphql-transport-ws.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// socket is a WebSocket that speaks graphql-transport-ws.
type socket struct {
	*websocket.Conn
	t testing.TB
}

// openSocket opens a WebSocket; header holds more headers of the request, names and values in turn.
func openSocket(t *testing.T, p *apptest.Program, header ...string) *socket {
	t.Helper()
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	conn, _, err := websocket.Dial(context.Background(), p.URL+"/graphql", &websocket.DialOptions{HTTPHeader: h, Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		t.Fatalf("open a WebSocket: %v", err)
	}
	conn.SetReadLimit(16 << 20)
	t.Cleanup(func() { _ = conn.CloseNow() })
	return &socket{conn, t}
}

// Send sends a message; payload may be nil.
func (s *socket) Send(id, kind string, payload any) {
	s.t.Helper()
	m := message{ID: id, Type: kind}
	if payload != nil {
		m.Payload, _ = json.Marshal(payload)
	}
	text, _ := json.Marshal(m)
	if err := s.Write(context.Background(), websocket.MessageText, text); err != nil {
		s.t.Fatalf("send %s: %v", text, err)
	}
}

// Receive returns the next message, after it has answered pings, or why there is none.
func (s *socket) Receive() (m message, err error) {
	for {
		_, text, err := s.Read(context.Background())
		if err != nil {
			return m, err
		}
		m = message{}
		if err := json.Unmarshal(text, &m); err != nil || m.Type != "ping" {
			return m, err
		}
		s.Send("", "pong", nil)
	}
}

// Want receives a message of a kind, and decodes its payload.
func (s *socket) Want(id, kind string) (result result) {
	s.t.Helper()
	m, err := s.Receive()
	if err != nil || m.Type != kind || m.ID != id {
		s.t.Fatalf("received %+v %s, %v; want %s %s", m, m.Payload, err, kind, id)
	}
	into := any(&result)
	if kind == "error" {
		into = &result.Errors
	}
	if len(m.Payload) > 0 {
		if err := json.Unmarshal(m.Payload, into); err != nil {
			s.t.Fatal(err)
		}
	}
	return result
}
