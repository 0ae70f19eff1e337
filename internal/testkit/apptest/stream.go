package apptest

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// A Result is one response of a subscription: a change, or errors.
type Result struct {
	Data struct {
		Changes struct {
			Cursor string
			Node   struct {
				Kind, ItemID, ItemType string
				Item                   json.RawMessage
			}
		}
	}
	Errors []Error
}

// An Event is a server-sent event.
type Event struct {
	ID, Name string
	Result   Result
}

// Events reads a subscription over SSE.
type Events struct {
	Status int
	t      testing.TB
	lines  *bufio.Scanner
	Close  func()
}

// Events subscribes over SSE; header holds more headers of the request, names and values in turn.
func (p *Program) Events(token, query string, header ...string) *Events {
	p.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+"/graphql?query="+url.QueryEscape(query), nil)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatalf("subscribe: %v", err)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 16<<20)
	return &Events{resp.StatusCode, p.t, lines, func() { cancel(); _ = resp.Body.Close() }}
}

// Next returns the next event; ok is false where the stream has ended.
func (e *Events) Next() (event Event, ok bool) {
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

// Message is a message of graphql-transport-ws.
type Message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// Socket is a WebSocket that speaks graphql-transport-ws.
type Socket struct {
	*websocket.Conn
	t testing.TB
}

// Socket opens a WebSocket; header holds more headers of the request, names and values in turn.
func (p *Program) Socket(header ...string) *Socket {
	p.t.Helper()
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	conn, _, err := websocket.Dial(context.Background(), p.URL+"/graphql", &websocket.DialOptions{HTTPHeader: h, Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		p.t.Fatalf("open a WebSocket: %v", err)
	}
	conn.SetReadLimit(16 << 20)
	p.t.Cleanup(func() { _ = conn.CloseNow() })
	return &Socket{conn, p.t}
}

// Send sends a message; payload may be nil.
func (s *Socket) Send(id, kind string, payload any) {
	s.t.Helper()
	m := Message{ID: id, Type: kind}
	if payload != nil {
		m.Payload, _ = json.Marshal(payload)
	}
	text, _ := json.Marshal(m)
	if err := s.Write(context.Background(), websocket.MessageText, text); err != nil {
		s.t.Fatalf("send %s: %v", text, err)
	}
}

// Receive returns the next message, after it has answered pings, or why there is none.
func (s *Socket) Receive() (m Message, err error) {
	for {
		_, text, err := s.Read(context.Background())
		if err != nil {
			return m, err
		}
		m = Message{}
		if err := json.Unmarshal(text, &m); err != nil || m.Type != "ping" {
			return m, err
		}
		s.Send("", "pong", nil)
	}
}

// Want receives a message of a kind, and decodes its payload.
func (s *Socket) Want(id, kind string) (result Result) {
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
