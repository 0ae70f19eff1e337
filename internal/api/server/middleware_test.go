package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/api/server"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/reqinfo"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// TestClientAddress believes X-Forwarded-For as far as the proxies are trusted.
func TestClientAddress(t *testing.T) {
	t.Parallel()
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(w, reqinfo.From(r.Context()).Address, " ", viewer.From(r.Context()).Address)
	})
	proxied := start(t, server.Options{GraphQL: echo, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}})
	direct := start(t, server.Options{GraphQL: echo})
	for _, c := range []struct {
		headers []string
		want    string
	}{
		{nil, "127.0.0.1"},
		{[]string{"203.0.113.7"}, "203.0.113.7"},
		{[]string{"198.51.100.1, 203.0.113.7"}, "203.0.113.7"}, // the first is the client's own invention
		{[]string{"203.0.113.7, 10.1.2.3"}, "203.0.113.7"},
		{[]string{"198.51.100.1, 203.0.113.7, 10.1.2.3, 10.4.5.6"}, "203.0.113.7"},
		{[]string{"203.0.113.7", "10.1.2.3"}, "203.0.113.7"},
		{[]string{"10.9.9.9"}, "10.9.9.9"},
		{[]string{"203.0.113.7:5555"}, "203.0.113.7"},
		{[]string{"[2001:db8::1]:443"}, "2001:db8::1"},
		{[]string{"[2001:db8::1]"}, "2001:db8::1"},
		{[]string{"::ffff:203.0.113.7"}, "203.0.113.7"},
		{[]string{"fe80::1%eth0"}, "fe80::1"},
		{[]string{" , 203.0.113.7 ,, "}, "203.0.113.7"},
		{[]string{"203.0.113.7, unknown"}, "127.0.0.1"},
		{[]string{"unknown, 10.1.2.3"}, "10.1.2.3"},
		{[]string{""}, "127.0.0.1"},
	} {
		var header []string
		for _, h := range c.headers {
			header = append(header, "X-Forwarded-For", h)
		}
		if r := request(t, "GET", proxied.URL+"/graphql", header...); r.text != c.want+" "+c.want {
			t.Errorf("%q: %s, want %s", c.headers, r.text, c.want)
		}
		if r := request(t, "GET", direct.URL+"/graphql", header...); r.text != "127.0.0.1 127.0.0.1" {
			t.Errorf("%q without a proxy: %s", c.headers, r.text)
		}
	}
}

// TestRequestID takes over a plain ID and replaces any other.
func TestRequestID(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{})
	for id, kept := range map[string]bool{"": false, "abc-1.2_Z": true, strings.Repeat("x", 64): true, strings.Repeat("x", 65): false, "a b": false, "<script>": false, "编号": false} {
		got := request(t, "GET", s.URL+"/healthz", "X-Request-Id", id).Header.Get("X-Request-Id")
		if (got == id) != kept || got == "" {
			t.Errorf("%q became %q", id, got)
		}
	}
}

// TestHeaders finds the security headers on every response.
func TestHeaders(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{GraphQL: says("x")})
	for _, path := range []string{"/graphql", "/healthz", "/nothing"} {
		r := request(t, "GET", s.URL+path, "Authorization", "Bearer x")
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Cache-Control": "no-store"} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s: %s: %q, want %q", path, name, got, want)
			}
		}
	}
	r := request(t, "GET", s.URL+"/graphql")
	if vary := strings.Join(r.Header.Values("Vary"), ", "); r.Header.Get("Cache-Control") != "" || !strings.Contains(vary, "Authorization") || !strings.Contains(vary, "X-Tonggao-Terminal") {
		t.Errorf("without a token: %v", r.Header)
	}
}

// TestPanic answers a panic with its request ID, and cuts off a response that has begun.
func TestPanic(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{
		GraphQL: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("ETag", "x"); panic("secret") }),
		ModeratorUI: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat("half ", 10_000))
			panic("secret")
		}),
		Explorer: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }),
	})
	r := request(t, "GET", s.URL+"/graphql", "X-Request-Id", "req-7")
	if r.StatusCode != http.StatusInternalServerError || r.code() != "INTERNAL" || strings.Contains(r.text, "secret") || !strings.Contains(r.text, `"requestId":"req-7"`) || r.Header.Get("ETag") != "" {
		t.Errorf("%d %v %s", r.StatusCode, r.Header, r.text)
	}
	if text := s.Log.String(); !strings.Contains(text, "secret") || !strings.Contains(text, "middleware_test.go") {
		t.Errorf("the log lacks the panic or its stack: %s", text)
	}
	for _, path := range []string{"/desk", "/"} {
		response, err := http.Get(s.URL + path)
		if err == nil {
			_, err = io.ReadAll(response.Body)
			_ = response.Body.Close()
		}
		if err == nil {
			t.Errorf("%s: half a response looks complete", path)
		}
	}
}

// TestAuthentication puts the viewer into the context, or answers 401.
func TestAuthentication(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{
		GraphQL: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, viewer.From(r.Context()).Name) }),
		Authenticate: func(_ context.Context, header string) (viewer.Viewer, error) {
			switch header {
			case "":
				return viewer.Viewer{}, nil
			case "Bearer good":
				return viewer.Viewer{Role: viewer.Editor, Name: "编辑部"}, nil
			case "Bearer later":
				return viewer.Viewer{}, &fault.Error{Code: fault.Unavailable, Message: "try again", Retry: 1500 * time.Millisecond}
			}
			return viewer.Viewer{}, fault.New(fault.Unauthenticated, "this token is invalid")
		},
	})
	if r := request(t, "GET", s.URL+"/graphql", "Authorization", "Bearer good"); r.text != "编辑部" {
		t.Errorf("%d %s", r.StatusCode, r.text)
	}
	if r := request(t, "GET", s.URL+"/graphql"); r.StatusCode != http.StatusOK || r.text != "" {
		t.Errorf("without a token: %d %s", r.StatusCode, r.text)
	}
	for _, header := range [][]string{{"Authorization", "Bearer bad"}, {"Authorization", "Bearer good", "Authorization", "Bearer good"}} {
		if r := request(t, "GET", s.URL+"/graphql", header...); r.StatusCode != http.StatusUnauthorized || r.code() != "UNAUTHENTICATED" || r.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%q: %d %s", header, r.StatusCode, r.text)
		}
	}
	if r := request(t, "GET", s.URL+"/graphql", "Authorization", "Bearer later"); r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") != "2" {
		t.Errorf("%d %v %s", r.StatusCode, r.Header, r.text)
	}
}

// TestTerminal puts the terminal of the request into the context.
func TestTerminal(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{GraphQL: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprint(w, terminal.Named(r.Context())) })})
	if r := request(t, "GET", s.URL+"/graphql", "X-Tonggao-Terminal", "WAP"); r.text != fmt.Sprint(terminal.SetOf(terminal.WAP)) {
		t.Errorf("%d %s", r.StatusCode, r.text)
	}
	for _, header := range [][]string{{"X-Tonggao-Terminal", "FAX"}, {"X-Tonggao-Terminal", "WAP", "X-Tonggao-Terminal", "WEB"}} {
		if r := request(t, "GET", s.URL+"/graphql", header...); r.StatusCode != http.StatusBadRequest || !strings.Contains(r.text, "X-Tonggao-Terminal") {
			t.Errorf("%q: %d %s", header, r.StatusCode, r.text)
		}
	}
}

// clock is a clock that the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// TestRateLimit counts the requests of an address to all paths but the health checks.
func TestRateLimit(t *testing.T) {
	t.Parallel()
	c := &clock{now: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}
	s := start(t, server.Options{GraphQL: says("x"), Feeds: says("x"), RateLimit: 2, Clock: c.Now, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	for i := range 6 { // the burst
		if r := request(t, "GET", s.URL+[]string{"/graphql", "/feeds/rss.xml"}[i%2]); r.StatusCode != http.StatusOK {
			t.Fatalf("request %d: %d", i, r.StatusCode)
		}
	}
	r := request(t, "GET", s.URL+"/graphql")
	if r.StatusCode != http.StatusTooManyRequests || r.code() != "LIMITED" || r.Header.Get("Retry-After") != "1" {
		t.Errorf("one more: %d %v %s", r.StatusCode, r.Header, r.text)
	}
	if r := request(t, "GET", s.URL+"/graphql", "X-Forwarded-For", "203.0.113.7"); r.StatusCode != http.StatusOK {
		t.Errorf("another address: %d", r.StatusCode)
	}
	if r := request(t, "GET", s.URL+"/healthz"); r.StatusCode != http.StatusOK {
		t.Errorf("health: %d", r.StatusCode)
	}
	c.advance(time.Minute)
	if r := request(t, "GET", s.URL+"/graphql"); r.StatusCode != http.StatusOK {
		t.Errorf("a minute later: %d", r.StatusCode)
	}
}

// TestRateLimitOfEveryPath limits every path, also those that lead to nothing.
func TestRateLimitOfEveryPath(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/media/a.jpg", "/desk", "/desk/x", "/", "/graphiql/", "/nothing", "/robots.txt", "/attachments/x"} {
		c := &clock{now: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}
		s := start(t, server.Options{Explorer: says("x"), ModeratorUI: says("x"), Feeds: says("x"), RateLimit: 1, Clock: c.Now})
		last := 0
		for range 4 {
			last = request(t, "GET", s.URL+path).StatusCode
		}
		if last != http.StatusTooManyRequests {
			t.Errorf("%s: %d after the burst", path, last)
		}
	}
}

// TestProxyWarning warns once that a proxy is not trusted.
func TestProxyWarning(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{GraphQL: says("x")})
	trusting := start(t, server.Options{GraphQL: says("x"), TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	request(t, "GET", s.URL+"/graphql")
	if strings.Contains(s.Log.String(), "trusted-proxy") {
		t.Error("a warning without a proxy")
	}
	for range 2 {
		request(t, "GET", s.URL+"/graphql", "X-Forwarded-For", "203.0.113.7")
		request(t, "GET", trusting.URL+"/graphql", "X-Forwarded-For", "203.0.113.7")
	}
	if n := strings.Count(s.Log.String(), "trusted-proxy"); n != 1 || strings.Contains(trusting.Log.String(), "trusted-proxy") {
		t.Errorf("%d warnings, want one", n)
	}
}

// TestObserve counts each response by its route and status, never by its path.
func TestObserve(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 10)
	s := start(t, server.Options{GraphQL: says("x"), Media: func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.NotFound, "there is no such picture")
	},
		ModeratorUI: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}),
		Observe:     func(route string, status int, _ time.Duration) { seen <- fmt.Sprint(route, " ", status) }})
	for path, want := range map[string]string{"/graphql?query=x": "/graphql 200", "/media/a.jpg": "/media/ 404", "/secret/path": " 404", "/desk": "/desk 200", "/a%00b": " 400"} {
		request(t, "GET", s.URL+path)
		if got := <-seen; got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

// TestErrors writes the errors of handlers in the form of the API, and hides defects.
func TestErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err           error
		status        int
		code, message string
	}{
		{fault.New(fault.Forbidden, "not yours"), 403, "FORBIDDEN", "not yours"},
		{fault.New(fault.Conflict, "too late"), 409, "CONFLICT", "too late"},
		{fault.New(fault.TooExpensive, "too large"), 413, "TOO_EXPENSIVE", "too large"},
		{fmt.Errorf("open: %w", fault.New(fault.NotFound, "none")), 404, "NOT_FOUND", "none"},
		{fault.Invalid{{Field: []string{"alt"}, Message: "is too long"}}, 400, "BAD_USER_INPUT", "alt: is too long"},
		{errors.New("no such table: pictures"), 500, "INTERNAL", "internal error"},
	} {
		s := start(t, server.Options{Media: func(http.ResponseWriter, *http.Request) error { return c.err }})
		r := request(t, "GET", s.URL+"/media/a.jpg")
		if r.StatusCode != c.status || r.code() != c.code || !strings.Contains(r.text, c.message) || strings.Contains(r.text, "table") {
			t.Errorf("%v: %d %s", c.err, r.StatusCode, r.text)
		}
	}
}

// TestCORS allows the configured origins only.
func TestCORS(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{GraphQL: says("x"), Origins: []string{"https://portal.example"}})
	for origin, want := range map[string]string{"https://portal.example": "https://portal.example", "https://evil.example": ""} {
		r := request(t, "OPTIONS", s.URL+"/graphql", "Origin", origin, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type")
		if got := r.Header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("preflight of %s: %q", origin, got)
		}
		if r := request(t, "GET", s.URL+"/graphql", "Origin", origin); r.Header.Get("Access-Control-Allow-Origin") != want {
			t.Errorf("%s: %v", origin, r.Header)
		}
	}
}

// TestCORSPreflight lets pages on any port of this machine send any header, as clients' own
// names and tracing do.
func TestCORSPreflight(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{GraphQL: says("x"), Origins: []string{"http://localhost:*", "http://127.0.0.1:*"}})
	for origin, want := range map[string]bool{"http://localhost:5173": true, "http://127.0.0.1:3000": true, "https://localhost:5173": false,
		"http://localhost.evil.example": false, "http://127.0.0.1.evil.example:80": false} {
		for _, header := range []string{"apollographql-client-name", "apollo-require-preflight", "traceparent", "x-requested-with", "last-event-id"} {
			r := request(t, "OPTIONS", s.URL+"/graphql", "Origin", origin, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", header)
			if got := r.Header.Get("Access-Control-Allow-Origin") == origin && r.Header.Get("Access-Control-Allow-Headers") == header; got != want {
				t.Errorf("%s %s: %v", origin, header, r.Header)
			}
		}
	}
}

// TestRefusedOrigin logs each origin that is not allowed once, with the flag that allows it.
func TestRefusedOrigin(t *testing.T) {
	t.Parallel()
	for name, origins := range map[string][]string{"one allowed": {"https://portal.example"}, "none allowed": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, server.Options{GraphQL: says("x"), Origins: origins})
			for range 3 {
				for _, origin := range []string{"https://other.example", s.URL, ""} {
					request(t, "GET", s.URL+"/graphql", "Origin", origin)
				}
			}
			if n := strings.Count(s.Log.String(), "add --cors-origin https://other.example"); n != 1 || strings.Count(s.Log.String(), "--cors-origin") != 1 {
				t.Errorf("logged %d times: %s", n, s.Log)
			}
		})
	}
}

// TestCompression compresses large text for clients that accept it, and neither small
// responses nor pictures nor streams.
func TestCompression(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("养老服务 ", 1000)
	s := start(t, server.Options{GraphQL: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", r.URL.Query().Get("type"))
		_, _ = io.WriteString(w, large[:len(r.URL.Query().Get("size"))*1500])
	})})
	for _, c := range []struct {
		query, accept, encoding, want string
	}{
		{"type=application/json&size=xx", "", "gzip", "gzip"},
		{"type=application/json&size=xx", "", "", ""},
		{"type=application/json&size=", "", "gzip", ""},
		{"type=image/jpeg&size=xx", "", "gzip", ""},
		{"type=text/event-stream&size=xx", "text/event-stream", "gzip", ""},
	} {
		r := request(t, "GET", s.URL+"/graphql?"+c.query, "Accept-Encoding", c.encoding, "Accept", c.accept)
		if got := r.Header.Get("Content-Encoding"); got != c.want || c.want != "" && len(r.text) > 1000 {
			t.Errorf("%+v: %q, %d bytes", c, got, len(r.text))
		}
	}
}
