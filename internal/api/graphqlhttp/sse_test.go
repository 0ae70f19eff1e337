package graphqlhttp_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/tonggao/tonggao/internal/api/graphqlhttp"
	"github.com/tonggao/tonggao/internal/api/subscribers"
)

func counts(events []event) (list []string) {
	for _, e := range events {
		list = append(list, e.Name+" "+e.ID+" "+e.Count)
	}
	return list
}

// TestSSE reads a subscription to its end: in order, each event with its cursor as the ID.
func TestSSE(t *testing.T) {
	t.Parallel()
	s := serveNumbers(t, graphqlhttp.StreamOptions{})
	response, body := s.sse(`subscription { count(upTo: 3) }`)
	for name, want := range map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no", "Content-Length": ""} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got, want := counts(readEvents(t, body)), []string{"next 1 1", "next 2 2", "next 3 3", "complete  "}; !slices.Equal(got, want) || response.StatusCode != http.StatusOK {
		t.Errorf("%d %q, want %q", response.StatusCode, got, want)
	}
	s.endedWith("sse complete")
}

// TestSSEResumes continues after the Last-Event-ID of a browser that reconnects, rather than
// after the cursor in the document that it sends again.
func TestSSEResumes(t *testing.T) {
	t.Parallel()
	s := serveNumbers(t, graphqlhttp.StreamOptions{})
	_, body := s.sse(`subscription { count(after: "1", upTo: 4) }`)
	if got, want := counts(readEvents(t, body)), []string{"next 2 2", "next 3 3", "next 4 4", "complete  "}; !slices.Equal(got, want) {
		t.Errorf("first %q, want %q", got, want)
	}
	_, body = s.sse(`subscription { count(after: "1", upTo: 4) }`, "Last-Event-ID", "3")
	if got, want := counts(readEvents(t, body)), []string{"next 4 4", "complete  "}; !slices.Equal(got, want) {
		t.Errorf("then %q, want %q", got, want)
	}
}

// TestSSEClosingMessage reads why a subscription ended and where to continue.
func TestSSEClosingMessage(t *testing.T) {
	t.Parallel()
	s := serveNumbers(t, graphqlhttp.StreamOptions{})
	for fail, code := range map[string]string{"fault": "CONFLICT", "defect": "INTERNAL"} {
		_, body := s.sse(`subscription { count(upTo: 2, fail: "` + fail + `") }`)
		list := readEvents(t, body)
		if len(list) != 4 || list[3].Name != "complete" {
			t.Fatalf("%s: %+v", fail, list)
		}
		last := list[2]
		if last.ID != "2" || len(last.Errors) != 1 || last.Errors[0].Extensions.Code != code || last.Errors[0].Extensions.Cursor != "2" ||
			strings.Contains(last.Errors[0].Message, "table") {
			t.Errorf("%s: %+v", fail, last)
		}
		s.endedWith("sse error")
	}
	_, body := s.sse(`subscription { count(after: "7", upTo: 2, fail: "fault") }`)
	if list := readEvents(t, body); len(list) != 2 || list[0].Errors[0].Extensions.Cursor != "7" {
		t.Errorf("without an event: %+v", list)
	}
}

// TestStreamPanics ends the stream or the WebSocket, not the program, after a panic that nothing
// below recovers: the handler has returned by then.
func TestStreamPanics(t *testing.T) {
	t.Parallel()
	s := serveNumbers(t, graphqlhttp.StreamOptions{})
	_, body := s.sse(`subscription { count(upTo: 1, fail: "panic") }`)
	if got, want := counts(readEvents(t, body)), []string{"next 1 1"}; !slices.Equal(got, want) { // half a stream must not look complete
		t.Errorf("%q, want %q", got, want)
	}
	ws := s.connect()
	ws.subscribe("a", `subscription { count(upTo: 1, fail: "panic") }`)
	ws.want("next a 1")
	ws.wantClosed(websocket.StatusInternalError, "")
	_, body = s.sse(`subscription { count(upTo: 1) }`)
	if got, want := counts(readEvents(t, body)), []string{"next 1 1", "complete  "}; !slices.Equal(got, want) {
		t.Errorf("then %q, want %q", got, want)
	}
}

// TestSSETokenEnds cuts the subscriptions of a token that was revoked.
func TestSSETokenEnds(t *testing.T) {
	t.Parallel()
	registry, endTokens := endableTokens()
	s := serveNumbers(t, graphqlhttp.StreamOptions{Subscriptions: registry})
	_, body := s.sse(`subscription { count(upTo: 1, fail: "never") }`, "Authorization", "tok_a")
	if e, ok := readEvent(t, body); !ok || e.Count != "1tok_a" {
		t.Fatalf("%+v", e)
	}
	endTokens()
	list := readEvents(t, body)
	if len(list) != 2 || list[0].Errors[0].Extensions.Code != "UNAUTHENTICATED" || list[0].Errors[0].Extensions.Cursor != "1" {
		t.Errorf("%+v", list)
	}
	s.endedWith("sse token")
}

// TestSSEGracefulShutdown ends every subscription with a cursor, and waits for it.
func TestSSEGracefulShutdown(t *testing.T) {
	t.Parallel()
	registry := subscribers.New(subscribers.Options{})
	s := serveNumbers(t, graphqlhttp.StreamOptions{Subscriptions: registry})
	_, body := s.sse(`subscription { count(upTo: 1, fail: "never") }`)
	if _, ok := readEvent(t, body); !ok {
		t.Fatal("no event")
	}
	if err := registry.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.endedWith("sse stopping")
	list := readEvents(t, body)
	if len(list) != 2 || list[0].Errors[0].Extensions.Code != "UNAVAILABLE" || list[0].Errors[0].Extensions.Cursor != "1" {
		t.Errorf("%+v", list)
	}
}

// TestSSESlowConsumer cuts off a client that does not read, and leaves it everything that was
// written, whole, with the cursor to continue after.
func TestSSESlowConsumer(t *testing.T) {
	t.Parallel()
	s := serveNumbers(t, graphqlhttp.StreamOptions{WriteTimeout: 500 * time.Millisecond})
	_, body := s.sse(`subscription { count(padding: 30000) }`)
	s.endedWith("sse slow")
	list := readEvents(t, body)
	if len(list) < 3 {
		t.Fatalf("%d events", len(list))
	}
	for i, e := range list[:len(list)-2] {
		if e.Name != "next" || e.Count != e.ID || i > 0 && e.ID == list[i-1].ID {
			t.Fatalf("event %d: %s %s", i, e.Name, e.ID)
		}
	}
	written, closing := list[len(list)-3], list[len(list)-2]
	if closing.Errors[0].Extensions.Code != "LIMITED" || closing.Errors[0].Extensions.Cursor != written.ID {
		t.Errorf("after event %s: %+v", written.ID, closing.result)
	}
}

// TestSSELimit refuses a subscription beyond the limit of its client.
func TestSSELimit(t *testing.T) {
	t.Parallel()
	s := serveNumbers(t, graphqlhttp.StreamOptions{Subscriptions: subscribers.New(subscribers.Options{Each: 1})})
	_, first := s.sse(`subscription { count(upTo: 1, fail: "never") }`, "Authorization", "tok_a")
	if _, ok := readEvent(t, first); !ok {
		t.Fatal("no event")
	}
	_, second := s.sse(`subscription { count(upTo: 1) }`, "Authorization", "tok_a", "Last-Event-ID", "9")
	if list := readEvents(t, second); len(list) != 2 || list[0].Errors[0].Extensions.Code != "LIMITED" || list[0].Errors[0].Extensions.Cursor != "9" {
		t.Errorf("%+v", list)
	}
	_, other := s.sse(`subscription { count(upTo: 1) }`, "Authorization", "tok_b")
	if list := readEvents(t, other); len(list) != 2 || len(list[0].Errors) > 0 {
		t.Errorf("another client: %+v", list)
	}
}

// TestSSEHeartbeat sends comments while nothing happens, and notices a client that is gone.
func TestSSEHeartbeat(t *testing.T) {
	t.Parallel()
	s := serveNumbers(t, graphqlhttp.StreamOptions{KeepAlive: time.Millisecond})
	response, body := s.sse(`subscription { count(upTo: 0, fail: "never") }`)
	for beats := 0; beats < 3; {
		line, err := body.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if line == ":\n" {
			beats++
		}
	}
	_ = response.Body.Close()
	if got := <-s.ended; got != "sse client" && got != "sse slow" { // the reader or the heartbeat notices it first
		t.Errorf("it ended with %s", got)
	}
}

// TestSSESingleResult answers queries and mutations over SSE, and refuses what is refused
// over plain HTTP, with its status.
func TestSSESingleResult(t *testing.T) {
	t.Parallel()
	h := graphqlhttp.New(newNumbers(), graphqlhttp.Options{})
	for _, c := range []struct {
		name, method, document, accept string
		status                         int
		contains                       string
	}{
		{"a query", "GET", `{site}`, "text/event-stream", 200, "event: next\ndata: {\"data\":{\"site\":\"养老之家\"}}\n\nevent: complete\ndata:\n\n"},
		{"a query, JSON accepted", "GET", `{site}`, "text/event-stream, application/json", 200, `{"data":{"site"`},
		{"a mutation", "POST", `mutation{rename}`, "text/event-stream", 200, `{"rename":"改了"}`},
		{"a mutation by GET", "GET", `mutation{rename}`, "text/event-stream", 405, "GET is for queries only"},
		{"a bad document", "POST", `{nope}`, "text/event-stream", 400, "Cannot query field"},
		{"no document", "POST", ``, "text/event-stream", 400, "query is missing"},
		{"a subscription without SSE", "POST", `subscription{count}`, "application/json", 400, "Accept: text/event-stream"},
		{"a subscription on a connection that cannot be taken over", "POST", `subscription{count}`, "text/event-stream", 500, "INTERNAL"},
	} {
		r := postJSON("/", `{"query":"`+c.document+`"}`)
		if c.method == http.MethodGet {
			r = httptest.NewRequest(http.MethodGet, "/?query="+url.QueryEscape(c.document), nil)
		}
		r.Header.Set("Accept", c.accept)
		if w := serve(h, r); w.Code != c.status || !strings.Contains(w.Body.String(), c.contains) {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
	}
	r := postJSON("/", `{"query":"subscription{count}"}`)
	r.Header.Set("Accept", "text/event-stream")
	r.ProtoMajor = 2
	if w := serve(h, r); w.Code != http.StatusHTTPVersionNotSupported || !strings.Contains(w.Body.String(), "HTTP/1.1") {
		t.Errorf("over HTTP/2: %d %s", w.Code, w.Body)
	}
}
