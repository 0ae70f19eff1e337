package graphqlhttp_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/api/graphqlhttp"
)

// TestErrors checks the code and message of each kind of error.
func TestErrors(t *testing.T) {
	t.Parallel()
	h := portal(graphqlhttp.Options{RequestID: func(context.Context) string { return "req-7" }})
	const internal = "internal error; try again, and if it persists, report the request ID req-7"
	for _, c := range []struct{ name, body, code, message string }{
		{"a defect", `{"query":"{broken}"}`, "INTERNAL", internal},
		{"a panic", `{"query":"{panics}"}`, "INTERNAL", internal},
		{"a fault", `{"query":"{limited}"}`, "LIMITED", "too many comments; wait a little"},
		{"a deadline", `{"query":"{slow}"}`, "UNAVAILABLE", "the server did not answer in time; try again, or ask for less"},
		{"bad input", `{"query":"mutation{addComment(input:{article:\"a\",text:\"\"}){id}}"}`, "BAD_USER_INPUT", "text: write something"},
		{"bad argument", `{"query":"{articles(since:\"yesterday\"){totalCount}}"}`, "BAD_USER_INPUT", `parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"`},
		{"bad syntax", `{"query":"{"}`, "BAD_USER_INPUT", "Expected Name, found <EOF>"},
		{"bad document", `{"query":"{nope}"}`, "BAD_USER_INPUT", `Cannot query field "nope" on type "Query".`},
		{"bad number", `{"query":"{echo(json:99999999999999999999)}"}`, "BAD_USER_INPUT", "a number has more than 64 bits; send it as a string"},
		{"bad default", `{"query":"query($j:JSON=1e999){echo(json:$j)}"}`, "BAD_USER_INPUT", "a number has more than 64 bits; send it as a string"},
		{"bad variable", `{"query":"query($i:[ID!]!){nodes(ids:$i){id}}","variables":{"i":[null]}}`, "BAD_USER_INPUT", "$i[0]: cannot be null"},
		{"a variable of another type", `{"query":"query($n:Int){articles(first:$n){totalCount}}","variables":{"n":"abc"}}`, "BAD_USER_INPUT", "$n: must be of the type Int"},
		{"a variable left out", `{"query":"query($i:[ID!]!){nodes(ids:$i){id}}"}`, "BAD_USER_INPUT", "$i: must be given"},
		{"bad name", `{"query":"query A{site{name}} query B{site{name}}","operationName":"C"}`, "BAD_USER_INPUT", "the document has no operation of that name; operationName must be one of its names"},
	} {
		got := decode(t, serve(h, postJSON("/", c.body)).Body.Bytes())
		if len(got.Errors) != 1 {
			t.Errorf("%s: %+v", c.name, got.Errors)
			continue
		}
		err := got.Errors[0]
		if err.Extensions.Code != c.code || err.Message != c.message {
			t.Errorf("%s:\n got %s %s\nwant %s %s", c.name, err.Extensions.Code, err.Message, c.code, c.message)
		}
		if id := err.Extensions.RequestID; (c.code == "INTERNAL") != (id == "req-7") {
			t.Errorf("%s: request id %q", c.name, id)
		}
		if c.code == "LIMITED" && err.Extensions.RetryAfter != 2 {
			t.Errorf("%s: retry after %d", c.name, err.Extensions.RetryAfter)
		}
	}
}

// TestDefectsAreLogged finds the cause of a defect, the request ID and the path in the log, and
// of many defects the first five.
func TestDefectsAreLogged(t *testing.T) {
	t.Parallel()
	for query, want := range map[string][]string{
		"{x:broken}":         {"UNIQUE constraint failed", "path=x", "request_id=req-7"},
		"{panics}":           {"index out of range", "stack=", "newPortal"},
		"{limited slow}":     nil,
		"{manyBroken{why}}":  {"no such table"},
		"{nope}":             nil,
		"{site{name} broken": nil,
	} {
		var log bytes.Buffer
		h := portal(graphqlhttp.Options{
			Logger:    slog.New(slog.NewTextHandler(&log, nil)),
			RequestID: func(context.Context) string { return "req-7" },
		})
		answer := serve(h, postJSON("/", `{"query":"`+query+`"}`)).Body.String()
		for _, words := range want {
			if !strings.Contains(log.String(), words) || strings.Contains(answer, words) && words != "path=x" {
				t.Errorf("%s: %q in the log: %s\nanswer: %s", query, words, log.String(), answer)
			}
		}
		if lines := strings.Count(log.String(), "\n"); want == nil && lines > 0 || lines > 5 {
			t.Errorf("%s: %d lines: %s", query, lines, log.String())
		}
	}
}

func TestAtMostFiveErrors(t *testing.T) {
	t.Parallel()
	w := serve(portal(graphqlhttp.Options{}), postJSON("/", `{"query":"{manyBroken{why}}"}`))
	got := decode(t, w.Body.Bytes())
	if len(got.Errors) != 5 || string(got.Extensions["errorsLeftOut"]) != "4" || got.Data == nil {
		t.Errorf("%s", w.Body)
	}
	w = serve(portal(graphqlhttp.Options{}), postJSON("/", `{"query":"{a b c d e f g h}"}`))
	got = decode(t, w.Body.Bytes())
	if len(got.Errors) != 5 || string(got.Extensions["errorsLeftOut"]) != "3" || got.Data != nil {
		t.Errorf("%s", w.Body)
	}
}

// TestRequestIDIsGenerated gives each request an ID where the HTTP layer gives none.
func TestRequestIDIsGenerated(t *testing.T) {
	t.Parallel()
	h := portal(graphqlhttp.Options{})
	seen := map[string]bool{}
	for range 3 {
		got := decode(t, serve(h, postJSON("/", `{"query":"{broken}"}`)).Body.Bytes())
		seen[got.Errors[0].Extensions.RequestID] = true
	}
	if len(seen) != 3 || seen[""] {
		t.Errorf("%v", seen)
	}
}

// TestClientGone logs nothing for a client that closed its connection.
func TestClientGone(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := portal(graphqlhttp.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, postJSON("/", `{"query":"{site{name}}"}`).WithContext(ctx))
	if got := decode(t, w.Body.Bytes()); w.Code != 503 || got.Errors[0].Extensions.Code != "UNAVAILABLE" || log.Len() > 0 {
		t.Errorf("%d %s %s", w.Code, w.Body, log.String())
	}
}
