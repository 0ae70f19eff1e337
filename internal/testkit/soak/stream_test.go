package soak_test

import (
	"bufio"
	"fmt"
	"net"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/api/token"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestManySubscriptions opens subscriptions, of which a twentieth do not read: every event
// reaches all others. With more than ordinary effort (make soak-stream) the slow consumers
// stall until they are cut off.
func TestManySubscriptions(t *testing.T) {
	t.Parallel()
	n := effort.N(60)
	p := apptest.Start(t, storetest.SQLite(t))
	p.Category("行业新闻", "first", nil)
	before := memory()
	var (
		all    []*bufio.Reader
		tokens []string
	)
	for i := range n {
		if i%50 == 0 {
			secret, _, err := p.Tokens.Create(apptest.System(), token.CreateInput{Role: viewer.Integrator})
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
	if effort.N(1) > 1 {
		cutOff(t, p, stalled, readers, tokens[0])
	}
}

// stallTime is how long the slow consumers do not read. They are cut off after 20 s.
const stallTime = 28 * time.Second

// cutOff writes events until the slow consumers are cut off, while the others read on, and
// checks that each closing error names the cursor to resume at, and that nothing is lost there.
func cutOff(t *testing.T, p *apptest.Program, stalled, readers []*bufio.Reader, token string) {
	t.Helper()
	var wg sync.WaitGroup
	for _, r := range readers {
		wg.Go(func() { until(t, r, `"slug":"last"`) })
	}
	slugs := []string{}
	for begin := time.Now(); time.Since(begin) < stallTime; {
		slugs = append(slugs, fmt.Sprintf("more-%d", len(slugs)))
		p.Category(strings.Repeat("长", 40), slugs[len(slugs)-1], nil)
	}
	for _, r := range stalled {
		at, next := readToEnd(t, r)
		again := follow(t, p, token, "Last-Event-ID: "+at)
		if next < len(slugs) {
			if came := until(t, again, `"slug":"`); !strings.Contains(came, `"slug":"`+slugs[next]+`"`) {
				t.Fatalf("after %s came %s; want %s", at, came, slugs[next])
			}
		}
	}
	p.Category("最后", "last", nil)
	wg.Wait()
	t.Logf("%d slow consumers were cut off after %s and resumed where they stopped, in %d events; %d others read everything",
		len(stalled), stallTime, len(slugs), len(readers))
}

// readToEnd reads a stream to its end, and returns the cursor that the closing error names,
// which must be that of the last event, and how many events of cutOff came before it.
func readToEnd(t *testing.T, r *bufio.Reader) (at string, came int) {
	t.Helper()
	for {
		text, err := r.ReadString('\n')
		if id, ok := strings.CutPrefix(text, "id: "); ok {
			at = strings.TrimSpace(id)
		}
		if strings.Contains(text, `"slug":"more-`) {
			came++
		}
		if strings.Contains(text, `"code":"LIMITED"`) {
			if !strings.Contains(text, `"cursor":"`+at+`"`) {
				t.Fatalf("cut off with %s after %s", text, at)
			}
			return at, came
		}
		if err != nil {
			t.Fatalf("closed without an error: %v after %s", err, at)
		}
	}
}

// follow subscribes at a program, from the beginning of the log.
func follow(t *testing.T, p *apptest.Program, token string, headers ...string) *bufio.Reader {
	t.Helper()
	return followAt(t, p.Addr(), token, headers...)
}

// followAt subscribes on a connection of dialSmall.
func followAt(t *testing.T, address, token string, headers ...string) *bufio.Reader {
	t.Helper()
	conn, err := dialSmall(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	query := url.QueryEscape(`subscription { changes { cursor node { kind itemId item } } }`)
	fmt.Fprintf(conn, "GET /graphql?query=%s HTTP/1.1\r\nHost: here\r\nAccept: text/event-stream\r\nAuthorization: Bearer %s\r\n%s\r\n", query, token, lines(headers))
	return bufio.NewReaderSize(conn, 2<<10)
}

// dialSmall connects with a small window and with segments of the size that a real network
// has: the loopback's are larger than the window, and the kernel would hold them back.
func dialSmall(address string) (net.Conn, error) {
	dialer := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) {
			_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, 1400)
			_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 8<<10)
		})
	}}
	return dialer.Dial("tcp", address)
}

func lines(headers []string) (text string) {
	for _, h := range headers {
		text += h + "\r\n"
	}
	return text
}

// until reads up to the line that contains want and returns it.
func until(t *testing.T, r *bufio.Reader, want string) string {
	for {
		text, err := r.ReadString('\n')
		if err != nil {
			t.Errorf("waiting for %s: %v", want, err)
			return ""
		}
		if strings.Contains(text, want) {
			return text
		}
	}
}

// memory returns the bytes of heap and stacks in use.
func memory() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
