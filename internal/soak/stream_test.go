package soak_test

import (
	"bufio"
	"fmt"
	"net"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/app/apptest"
	"github.com/tonggao/tonggao/internal/auth"
	"github.com/tonggao/tonggao/internal/storetest"
	"github.com/tonggao/tonggao/internal/viewer"
)

// TestManySubscriptions: many follow, some of them do not read; an event reaches
// all others. With TONGGAO_SOAK_SUBSCRIPTIONS (make soak-stream: 2000) a twentieth
// stalls until it is cut off, and the times and the memory are printed.
func TestManySubscriptions(t *testing.T) {
	n, full := 60, false
	if text := os.Getenv("TONGGAO_SOAK_SUBSCRIPTIONS"); text != "" {
		n, _ = strconv.Atoi(text)
		full = true
	}
	p := apptest.Start(t, storetest.SQLite(t))
	p.Category("行业新闻", "first", nil)
	before := memory()
	var (
		all    []*bufio.Reader
		tokens []string
	)
	for i := range n {
		if i%50 == 0 {
			secret, _, err := p.Tokens.Create(apptest.System(), auth.CreateInput{Role: viewer.Integrator})
			if err != nil {
				t.Fatal(err)
			}
			tokens = append(tokens, secret)
		}
		all = append(all, follow(t, p, tokens[len(tokens)-1]))
		until(t, all[i], `"slug":"first"`)
	}
	stalled, readers := all[:n/20], all[n/20:]
	t.Logf("%d subscriptions, client and server in one process: %d MiB more", n, (memory()-before)>>20)
	var took []time.Duration
	for i := range 20 {
		slug := fmt.Sprintf("event-%d", i)
		var (
			wg sync.WaitGroup
			mu sync.Mutex
		)
		begin := time.Now()
		for _, r := range readers {
			wg.Go(func() {
				until(t, r, `"slug":"`+slug+`"`)
				mu.Lock()
				defer mu.Unlock()
				took = append(took, time.Since(begin))
			})
		}
		p.Category(strings.Repeat("长", 30), slug, nil)
		wg.Wait()
	}
	slices.Sort(took)
	t.Logf("an event reached the others after p50 %s, p99 %s; %d MiB more", took[len(took)/2], took[len(took)*99/100], (memory()-before)>>20)
	if full {
		cutOff(t, p, stalled)
	}
}

// cutOff makes events until those who do not read are cut off, and checks that
// they are told where to go on.
func cutOff(t *testing.T, p *apptest.Program, stalled []*bufio.Reader) {
	t.Helper()
	begin := time.Now()
	for i := 0; time.Since(begin) < 28*time.Second; i++ {
		p.Category(strings.Repeat("长", 40), fmt.Sprintf("more-%d", i), nil)
	}
	for _, r := range stalled {
		last := ""
		for {
			text, err := r.ReadString('\n')
			if id, ok := strings.CutPrefix(text, "id: "); ok {
				last = strings.TrimSpace(id)
			}
			if strings.Contains(text, `"code":"LIMITED"`) {
				if !strings.Contains(text, `"cursor":"`+last+`"`) {
					t.Fatalf("cut off with %s after %s", text, last)
				}
				break
			}
			if err != nil {
				t.Fatalf("not told why: %v after %s", err, last)
			}
		}
	}
	t.Logf("%d who did not read were cut off with their cursors", len(stalled))
}

// follow follows the log on a connection with a small window.
func follow(t *testing.T, p *apptest.Program, token string) *bufio.Reader {
	t.Helper()
	conn, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.(*net.TCPConn).SetReadBuffer(8 << 10)
	query := url.QueryEscape(`subscription { changes { cursor node { kind itemId item } } }`)
	fmt.Fprintf(conn, "GET /graphql?query=%s HTTP/1.1\r\nHost: here\r\nAccept: text/event-stream\r\nAuthorization: Bearer %s\r\n\r\n", query, token)
	return bufio.NewReaderSize(conn, 2<<10)
}

func until(t *testing.T, r *bufio.Reader, want string) {
	for {
		text, err := r.ReadString('\n')
		if err != nil {
			t.Errorf("waiting for %s: %v", want, err)
			return
		}
		if strings.Contains(text, want) {
			return
		}
	}
}

// memory is the bytes of heap and stacks in use.
func memory() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
