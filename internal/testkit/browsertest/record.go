package browsertest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// record collects the requests and problems of a tab. The browser reports them on its own
// goroutine.
type record struct {
	mu       sync.Mutex
	requests []string
	problems []string
}

// note records one event of the browser. A violated content security policy and a
// resource that failed to load arrive as log entries, console.error and a
// failed console.assert as API calls.
func (r *record) note(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		r.request(e.Request.URL)
	case *network.EventWebSocketCreated:
		r.request(e.URL)
	case *runtime.EventExceptionThrown:
		r.problem("exception: %s", e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeAssert {
			r.problem("console: %s", consoleText(e.Args))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError {
			r.problem("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	}
}

func (r *record) request(address string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, address)
}

func (r *record) problem(format string, values ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.problems = append(r.problems, fmt.Sprintf(format, values...))
}

// consoleText joins the arguments of a console call as the console would show them.
func consoleText(args []*runtime.RemoteObject) string {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = arg.Description
		if words[i] == "" && json.Unmarshal(arg.Value, &words[i]) != nil {
			words[i] = string(arg.Value)
		}
	}
	return strings.Join(words, " ")
}

// Requests returns the address of every request of the page, in order, with
// data: and blob: addresses and the targets of redirects.
func (b *Browser) Requests() []string {
	b.log.mu.Lock()
	defer b.log.mu.Unlock()
	return slices.Clone(b.log.requests)
}

// Problems returns every error of the console, uncaught exception, violated
// policy and failed resource since Start, in order.
func (b *Browser) Problems() []string {
	b.log.mu.Lock()
	defer b.log.mu.Unlock()
	return slices.Clone(b.log.problems)
}

// Outside returns the requests that left the origin, which is a scheme and a
// host like http://127.0.0.1:8080. An address that carries its own content does
// not leave.
func (b *Browser) Outside(origin string) []string {
	home, err := url.Parse(origin)
	if err != nil {
		b.t.Fatalf("browsertest: origin %q: %v", origin, err)
	}
	var outside []string
	for _, address := range b.Requests() {
		u, err := url.Parse(address)
		if err == nil && (u.Scheme == "data" || u.Scheme == "blob" || u.Scheme == "about") {
			continue
		}
		if err != nil || u.Host != home.Host {
			outside = append(outside, address)
		}
	}
	return outside
}

// AssertClean fails the test for each request that left the origin and for each
// problem of the page.
func (b *Browser) AssertClean(origin string) {
	b.t.Helper()
	for _, address := range b.Outside(origin) {
		b.t.Errorf("the page asked outside of %s: %s", origin, address)
	}
	for _, problem := range b.Problems() {
		b.t.Errorf("the page has a problem: %s", problem)
	}
}
