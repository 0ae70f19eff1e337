package graph_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/tonggao/tonggao/internal/api/token"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

const following = `subscription($after: Cursor) { changes(after: $after) { cursor node { kind itemId itemType item } } }`

// TestEvents subscribes over SSE: first to existing items, then to changes. A new
// subscription continues after the event that Last-Event-ID names.
func TestEvents(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s)
		token := p.Token(viewer.Integrator, "")
		first := p.Category("行业新闻", "news", nil)
		events := subscribe(t, p, token, following)
		here, _ := events.Next()
		if got := here.Result.Data.Changes; got.Node.ItemID != first.ID || here.ID != got.Cursor || here.Name != "next" {
			t.Fatalf("the first event is %+v", here)
		}
		second := p.Category("政策法规", "policy", nil)
		if came, _ := events.Next(); came.Result.Data.Changes.Node.ItemID != second.ID {
			t.Fatalf("the change is %+v", came)
		}
		events.Close()
		again := subscribe(t, p, token, following, "Last-Event-ID", here.ID)
		if came, _ := again.Next(); came.Result.Data.Changes.Node.ItemID != second.ID {
			t.Fatalf("the next event is %+v", came)
		}
	})
}

// TestEndOfEvents checks the error that ends a stream: without permission, with a bad
// cursor, on revocation of the token and on shutdown. It carries the cursor to resume from.
func TestEndOfEvents(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t))
	p.Category("行业新闻", "news", nil)
	ends := func(events *events, code string) event {
		t.Helper()
		end, _ := events.Next()
		if len(end.Result.Errors) != 1 || end.Result.Errors[0].Extensions["code"] != code {
			t.Fatalf("the end is %+v; want %s", end, code)
		}
		if last, ok := events.Next(); !ok || last.Name != "complete" {
			t.Fatalf("the event after the end is %+v", last)
		}
		return end
	}
	ends(subscribe(t, p, p.Token(viewer.Reader, ""), following), "FORBIDDEN")
	ends(subscribe(t, p, p.Token(viewer.Integrator, ""), following, "Last-Event-ID", "made-up"), "BAD_USER_INPUT")

	secret, row, err := p.Tokens.Create(apptest.System(), token.CreateInput{Role: viewer.Integrator})
	if err != nil {
		t.Fatal(err)
	}
	events, stays := subscribe(t, p, secret, following), subscribe(t, p, p.Token(viewer.Admin, ""), following)
	here, _ := events.Next()
	if _, ok := stays.Next(); !ok {
		t.Fatal("no event")
	}
	if err := p.Tokens.Revoke(apptest.System(), row.ID); err != nil {
		t.Fatal(err)
	}
	if end := ends(events, "UNAUTHENTICATED"); end.Result.Errors[0].Extensions["cursor"] != here.ID {
		t.Fatalf("the end is %+v; the last cursor was %s", end, here.ID)
	}
	go p.Stop()
	if end := ends(stays, "UNAVAILABLE"); end.Result.Errors[0].Extensions["cursor"] == nil {
		t.Fatalf("the end is %+v", end)
	}
}

// TestSocket follows the protocol graphql-transport-ws.
func TestSocket(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s)
		first := p.Category("行业新闻", "news", nil)
		ws := openSocket(t, p)
		ws.Send("", "connection_init", map[string]string{"Authorization": "Bearer " + p.Token(viewer.Integrator, "")})
		ws.Want("", "connection_ack")
		ws.Send("", "ping", nil)
		ws.Want("", "pong")
		ws.Send("a", "subscribe", map[string]any{"query": following})
		here := ws.Want("a", "next").Data.Changes
		if here.Node.ItemID != first.ID {
			t.Fatalf("the first change is %+v", here)
		}
		second := p.Category("政策法规", "policy", nil)
		if came := ws.Want("a", "next").Data.Changes; came.Node.ItemID != second.ID {
			t.Fatalf("the change is %+v", came)
		}
		ws.Send("a", "complete", nil)
		ws.Send("b", "subscribe", map[string]any{"query": following, "variables": map[string]any{"after": here.Cursor}})
		if came := ws.Want("b", "next").Data.Changes; came.Node.ItemID != second.ID {
			t.Fatalf("the next change is %+v", came)
		}
		ws.Send("q", "subscribe", map[string]any{"query": `{ site { name } }`})
		if end := ws.Want("q", "error"); !strings.Contains(end.Errors[0].Message, "POST") {
			t.Fatalf("a query is answered %+v", end)
		}
		go p.Stop()
		if end := ws.Want("b", "error"); end.Errors[0].Extensions["code"] != "UNAVAILABLE" || end.Errors[0].Extensions["cursor"] == nil {
			t.Fatalf("on shutdown it sends %+v", end)
		}
		if m, err := ws.Receive(); websocket.CloseStatus(err) != websocket.StatusGoingAway {
			t.Fatalf("on shutdown it closes with %v %+v", err, m)
		}
	})
}

// TestSocketProtocolErrors checks the close codes for violations of the protocol.
func TestSocketProtocolErrors(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t))
	auth := "Bearer " + p.Token(viewer.Integrator, "")
	begin := func(ws *socket) { ws.Send("", "connection_init", nil); ws.Want("", "connection_ack") }
	for name, c := range map[string]struct {
		do   func(ws *socket)
		want websocket.StatusCode
	}{
		"a subscription before init": {func(ws *socket) { ws.Send("a", "subscribe", map[string]any{"query": following}) }, 4401},
		"init twice":                 {func(ws *socket) { begin(ws); ws.Send("", "connection_init", nil) }, 4429},
		"an unknown type":            {func(ws *socket) { ws.Send("", "start", nil) }, 4400},
		"no id":                      {func(ws *socket) { begin(ws); ws.Send("", "subscribe", map[string]any{"query": following}) }, 4400},
		"a bad token": {func(ws *socket) {
			ws.Send("", "connection_init", map[string]string{"Authorization": "Bearer x"})
		}, 4403},
		"an id twice": {func(ws *socket) {
			begin(ws)
			for range 2 {
				ws.Send("a", "subscribe", map[string]any{"query": following})
			}
		}, 4409},
		"a message too large": {func(ws *socket) { ws.Send("", strings.Repeat("x", 70<<10), nil) }, 1009},
		"too fast": {func(ws *socket) {
			begin(ws)
			for range 101 {
				ws.Send("a", "subscribe", map[string]any{"query": `{ site { name } }`})
			}
		}, 4429},
	} {
		ws := openSocket(t, p, "Authorization", auth)
		c.do(ws)
		for {
			if _, err := ws.Receive(); err != nil {
				if websocket.CloseStatus(err) != c.want {
					t.Errorf("%s: closed with %v, want %d", name, err, c.want)
				}
				break
			}
		}
	}
}

// TestSocketOrigin refuses a WebSocket from a page of another site.
func TestSocketOrigin(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t))
	_, resp, err := websocket.Dial(t.Context(), p.URL+"/graphql", &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"https://elsewhere.example"}}})
	if err == nil || resp == nil || resp.StatusCode != http.StatusForbidden {
		t.Fatalf("another site's page: %v %v", err, resp)
	}
}

// TestSubscribersStartOver ends subscriptions over SSE and a WebSocket, which wait for the next
// change, as soon as the log has lost the one they received last, with an error that says to
// start over. Those that come back with the old cursor are refused.
func TestSubscribersStartOver(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s)
		token := p.Token(viewer.Integrator, "")
		p.Category("行业新闻", "news", nil)
		lost := p.Category("政策法规", "policy", nil)
		events, ws := subscribe(t, p, token, following), openSocket(t, p)
		ws.Send("", "connection_init", map[string]string{"Authorization": "Bearer " + token})
		ws.Want("", "connection_ack")
		ws.Send("a", "subscribe", map[string]any{"query": following})
		var last event
		for range 2 {
			last, _ = events.Next()
			ws.Want("a", "next")
		}
		c := s.Client(apptest.System())
		for _, statement := range []string{"DELETE FROM categories WHERE id = '" + lost.ID + "'", "DELETE FROM changes WHERE position > 1", "UPDATE change_head SET last = 1"} {
			if _, err := c.ExecContext(apptest.System(), statement); err != nil {
				t.Fatal(err)
			}
		}
		refused := func(r result) {
			t.Helper()
			if len(r.Errors) != 1 || r.Errors[0].Extensions["code"] != "BAD_USER_INPUT" || !strings.Contains(r.Errors[0].Message, "start over without a cursor") {
				t.Errorf("the answer is %+v", r)
			}
		}
		end, _ := events.Next()
		refused(end.Result)
		refused(ws.Want("a", "error"))
		again, _ := subscribe(t, p, token, following, "Last-Event-ID", last.ID).Next()
		refused(again.Result)
	})
}
