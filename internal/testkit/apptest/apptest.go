// Package apptest starts the whole program for tests: all services over a test database,
// behind real HTTP on a free port. A Program is also a portal.Portal, which builds content
// through the program's own services.
package apptest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/api/server"
	"github.com/tonggao/tonggao/internal/api/telemetry"
	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// A Program is the running program.
type Program struct {
	*app.App
	*portal.Portal
	URL string
	Log *Log

	t     testing.TB
	stop  context.CancelFunc
	done  chan struct{}
	ended error // set before done is closed
}

// Start runs the program over s until the test ends. The functions change its configuration.
func Start(t testing.TB, s *storetest.Store, change ...func(*config.Config)) *Program {
	t.Helper()
	c := config.Default()
	c.Addr, c.Explorer, c.RateLimit, c.WriteLimit = "127.0.0.1:0", true, 0, 0
	c.WebhookInterval = time.Hour               // delivers only when it is notified
	c.ResponseCache = 0                         // tests are about what is behind it; see WithCache
	c.PersonalData = 100 * 365 * 24 * time.Hour // tests run the erasure themselves
	c.MediaDir = filepath.Join(t.TempDir(), "media")
	for _, f := range change {
		f(&c)
	}
	p := &Program{Log: &Log{}, t: t, done: make(chan struct{})}
	logger := slog.New(slog.NewJSONHandler(p.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	sockets, err := server.Listen(c.Addr, c.AdminAddr)
	if err != nil {
		t.Fatal(err)
	}
	integrations, err := app.NewIntegrations(c)
	if err != nil {
		t.Fatal(err)
	}
	if p.App, err = app.Assemble(context.Background(), app.NewServices(s.Store, logger, integrations), sockets, c, logger, telemetry.New("test")); err != nil {
		t.Fatalf("assemble the program: %v", err)
	}
	p.Portal = portal.Over(t, portal.Portal{Store: s, Log: p.App.Log, Audit: p.App.Audit, Articles: p.App.Articles, Categories: p.App.Categories,
		Publishers: p.App.Publishers, Regions: p.App.Regions, Comments: p.App.Comments, Tokens: p.App.Tokens})
	p.URL = "http://" + p.Addr()
	ctx, cancel := context.WithCancel(context.Background())
	p.stop = cancel
	go func() { p.ended = p.Run(ctx); close(p.done) }()
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Errorf("stop the program: %v", err)
		}
	})
	return p
}

// For returns the same program as another test sees it: that one fails where an operation does.
func (p *Program) For(t testing.TB) *Program {
	other := *p
	other.t = t
	return &other
}

// GivePages sets the addresses of articles to /a/{slug} of its own address.
func (p *Program) GivePages() {
	p.t.Helper()
	page := "/a/{slug}"
	_, err := p.App.Site.Update(System(), site.UpdateInput{URLs: []site.URLInput{{Terminal: terminal.Web, Template: page}, {Terminal: terminal.WAP, Template: page}}})
	p.Must(err)
}

// BaseURL is the address that programs started WithBaseURL are known by.
const BaseURL = "https://api.example.com"

// WithBaseURL sets --base-url, without which there are no feeds.
func WithBaseURL(c *config.Config) { c.BaseURL = BaseURL }

// WithCache keeps answers, as the program does by default.
func WithCache(c *config.Config) { c.ResponseCache = config.Default().ResponseCache }

// Fetch sends a request without a body; headers are names and values in turn. It follows no
// redirect and leaves a compressed body as it is.
func (p *Program) Fetch(method, path string, headers ...string) (*http.Response, string) {
	p.t.Helper()
	r, err := http.NewRequest(method, p.URL+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return response, string(text)
}

// Log collects what the program logs.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write adds a line.
func (l *Log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// String returns all lines.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// errors returns the lines of the level ERROR.
func (l *Log) errors() string {
	var b strings.Builder
	for line := range strings.Lines(l.String()) {
		if strings.Contains(line, `"level":"ERROR"`) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// Stop shuts the program down and waits until it has ended. It can be called more than once,
// and returns the same each time.
func (p *Program) Stop() error {
	p.stop()
	<-p.done
	return p.ended
}

// System returns a context in which the program itself acts.
func System() context.Context { return portal.System() }

// Answer is a response of the API.
type Answer struct {
	Status     int
	Body       string
	Data       json.RawMessage `json:"data"`
	Errors     []Error         `json:"errors"`
	Extensions json.RawMessage `json:"extensions"`
}

// Error is one error of an answer.
type Error struct {
	Message    string         `json:"message"`
	Path       []any          `json:"path"`
	Extensions map[string]any `json:"extensions"`
}

// Code returns the code of the first error, or nothing.
func (a Answer) Code() string {
	if len(a.Errors) == 0 {
		return ""
	}
	code, _ := a.Errors[0].Extensions["code"].(string)
	return code
}

// Ask sends an operation with a token; an empty one is not sent.
func (p *Program) Ask(token, query string, variables map[string]any) Answer {
	p.t.Helper()
	return p.AskOn("", token, query, variables)
}

// AskOn sends an operation from a frontend that names its terminal.
func (p *Program) AskOn(terminal, token, query string, variables map[string]any) Answer {
	p.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		p.t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, p.URL+"/graphql", bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if terminal != "" {
		r.Header.Set("X-Tonggao-Terminal", terminal)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatalf("ask: %v", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatalf("read the answer: %v", err)
	}
	a := Answer{Status: resp.StatusCode, Body: string(text)}
	if err := json.Unmarshal(text, &a); err != nil {
		p.t.Fatalf("the answer is no JSON: %v\n%s", err, text)
	}
	return a
}

// MustAsk sends an operation as Ask does, ends the test where there are errors, and decodes the data.
func (p *Program) MustAsk(token, query string, variables map[string]any, data any) {
	p.t.Helper()
	a := p.Ask(token, query, variables)
	if len(a.Errors) > 0 {
		p.t.Fatalf("asked: %s\nanswered: %.2000s\nlogged: %.2000s", strings.TrimSpace(query), a.Body, p.Log.errors())
	}
	if err := json.Unmarshal(a.Data, data); err != nil {
		p.t.Fatalf("read the data: %v\n%s", err, a.Data)
	}
}
