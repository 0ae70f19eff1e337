package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/tonggao/tonggao/internal/api/server"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// running is a server that serves until the test ends.
type running struct {
	*server.Server
	URL  string
	Log  *log
	stop context.CancelFunc
	done chan struct{}
	err  error // of Run; set before done is closed
}

// log is the text that was logged.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// start runs a server with o on free ports.
func start(t *testing.T, o server.Options) *running {
	t.Helper()
	sockets, err := server.Listen("127.0.0.1:0", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &running{URL: "http://" + sockets.Addr(), Log: &log{}, done: make(chan struct{})}
	o.Logger = slog.New(slog.NewJSONHandler(r.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if o.Authenticate == nil {
		o.Authenticate = func(ctx context.Context, _ string) (viewer.Viewer, error) { return viewer.From(ctx), nil }
	}
	r.Server = server.New(sockets, o)
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	go func() { r.err = r.Run(ctx); close(r.done) }()
	t.Cleanup(func() { cancel(); <-r.done })
	return r
}

// reply is a response whose body was read.
type reply struct {
	*http.Response
	text string
}

// code returns the code of the error in the body.
func (r reply) code() string {
	var body struct {
		Errors []struct {
			Extensions struct{ Code string }
		}
	}
	if json.Unmarshal([]byte(r.text), &body) != nil || len(body.Errors) == 0 {
		return ""
	}
	return body.Errors[0].Extensions.Code
}

// request sends a request on a connection of its own; header is names and values in turn.
func request(t *testing.T, method, url string, header ...string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	transport := &http.Transport{DisableKeepAlives: true, DisableCompression: true}
	response, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{response, string(text)}
}

// says returns a handler that writes text.
func says(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })
}

// TestRoutes finds each part at its paths, and nothing where a part is missing.
func TestRoutes(t *testing.T) {
	t.Parallel()
	handler := func(text string) server.Handler {
		return func(w http.ResponseWriter, _ *http.Request) error { _, err := io.WriteString(w, text); return err }
	}
	full := start(t, server.Options{GraphQL: says("graphql"), Explorer: says("explorer"), ModeratorUI: says("moderators"), Upload: handler("upload"),
		Media: handler("media"), Attachments: handler("attachments"), Feeds: says("feeds"), Metrics: says("metrics")})
	empty := start(t, server.Options{})
	for path, want := range map[string]string{
		"/graphql": "graphql", "/": "explorer", "/graphiql/x.js": "explorer", "/desk": "moderators", "/desk/x.js": "moderators", "/upload": "upload",
		"/media/a.jpg": "media", "/attachments/a": "attachments", "/feeds/rss.xml": "feeds", "/sitemap.xml": "feeds", "/sitemaps/web/1-0.xml": "feeds", "/robots.txt": "feeds",
	} {
		if r := request(t, "GET", full.URL+path); r.StatusCode != http.StatusOK || r.text != want {
			t.Errorf("%s: %d %s", path, r.StatusCode, r.text)
		}
		if r := request(t, "GET", empty.URL+path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s of an empty server: %d %s", path, r.StatusCode, r.text)
		}
	}
	for _, path := range []string{"/nothing", "/metrics", "/debug/pprof/", "/desks"} {
		if r := request(t, "GET", full.URL+path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s is public: %d", path, r.StatusCode)
		}
	}
	admin := "http://" + full.AdminAddr()
	for path, status := range map[string]int{"/metrics": 200, "/healthz": 200, "/readyz": 200, "/debug/pprof/": 200, "/debug/pprof/goroutine?debug=1": 200, "/graphql": 404} {
		if r := request(t, "GET", admin+path); r.StatusCode != status {
			t.Errorf("admin %s: %d", path, r.StatusCode)
		}
	}
	if r := request(t, "GET", admin+"/debug/pprof/cmdline"); r.StatusCode == http.StatusOK {
		t.Errorf("the command line, which may have a password, is served: %s", r.text)
	}
}

// TestListen names the flag to change where an address is taken.
func TestListen(t *testing.T) {
	t.Parallel()
	sockets, err := server.Listen("127.0.0.1:0", "")
	if err != nil || sockets.AdminAddr() != "" {
		t.Fatalf("%v, admin address %q", err, sockets.AdminAddr())
	}
	if _, err := server.Listen(sockets.Addr(), ""); err == nil || !strings.Contains(err.Error(), "--addr") {
		t.Errorf("the same address: %v", err)
	}
	if _, err := server.Listen("127.0.0.1:0", sockets.Addr()); err == nil || !strings.Contains(err.Error(), "--admin-addr") {
		t.Errorf("the same address for the admin: %v", err)
	}
	if err := sockets.Close(); err != nil {
		t.Error(err)
	}
	again, err := server.Listen(sockets.Addr(), "")
	if err != nil {
		t.Fatalf("after Close: %v", err)
	}
	_ = again.Close()
}
