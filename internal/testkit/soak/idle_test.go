//go:build !race

// The race detector multiplies the memory of a program.

package soak_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/tonggao/tonggao/internal/api/token"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestIdleSubscribers subscribes from the beginning of a log of 50 long articles and never reads: each
// subscription holds one event, not a page of its own. `make soak-idle` has 2,000 over each
// transport, whose memory grows by at most 150 MiB.
func TestIdleSubscribers(t *testing.T) {
	for name, subscribe := range map[string]func(t *testing.T, address, token string){
		"SSE": func(t *testing.T, address, token string) {
			until(t, followAt(t, address, token), "id: ") // of the first event, and nothing after it
		},
		"WebSocket": followSocket,
	} {
		t.Run(name, func(t *testing.T) { testIdleSubscribers(t, subscribe) })
	}
}

func testIdleSubscribers(t *testing.T, subscribe func(t *testing.T, address, token string)) {
	s := storetest.SQLite(t)
	content := portal.New(t, s)
	for i := range 50 {
		text := strings.Repeat("渡口今天有三班船，雨天停航。", 300)
		content.Article(article.CreateInput{Title: fmt.Sprintf("第%d篇", i), Body: article.BodyInput{Markdown: &text}}, s.Clock())
	}
	var tokens []string
	n := effort.N(200)
	for range n/100 + 1 {
		secret, _, err := content.Tokens.Create(portal.System(), token.CreateInput{Role: viewer.Integrator})
		check.NoError(t, err)
		tokens = append(tokens, secret)
	}
	p := newProgram(t, s.URL)
	p.start(t)
	before := p.resident(t)
	for i := range n {
		subscribe(t, strings.TrimPrefix(p.address, "http://"), tokens[i/100])
	}
	grew := p.resident(t) - before
	t.Logf("%d subscriptions that never read: %d MiB before, %d MiB more, %d KiB each", n, before>>20, grew>>20, grew>>10/n)
	if limit := max(60<<20, n*(150<<20)/2000); grew > limit {
		t.Errorf("memory grows by %d MiB; want at most %d", grew>>20, limit>>20)
	}
}

// followSocket subscribes over a WebSocket and reads until the first event begins.
func followSocket(t *testing.T, address, token string) {
	t.Helper()
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return dialSmall(address) }}
	ws, _, err := websocket.Dial(t.Context(), "ws://"+address+"/graphql", &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: transport}, Subprotocols: []string{"graphql-transport-ws"},
		HTTPHeader: http.Header{"Authorization": {"Bearer " + token}}})
	check.NoError(t, err)
	t.Cleanup(func() { _ = ws.CloseNow() })
	check.NoError(t, ws.Write(t.Context(), websocket.MessageText, []byte(`{"type":"connection_init"}`)))
	_, _, err = ws.Read(t.Context()) // connection_ack
	check.NoError(t, err)
	check.NoError(t, ws.Write(t.Context(), websocket.MessageText, []byte(`{"type":"subscribe","id":"a","payload":{"query":"subscription { changes { cursor node { kind itemId item } } }"}}`)))
	_, _, err = ws.Reader(t.Context())
	check.NoError(t, err)
}

// resident returns the bytes of memory that the process has.
func (p *program) resident(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.running.Process.Pid))
	check.NoError(t, err)
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	check.NoError(t, err)
	return kib << 10
}
