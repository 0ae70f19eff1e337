package soak_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestFollower kills a server under eight writers, and its follower, each at random
// moments, and compares in the end what both answer.
func TestFollower(t *testing.T) {
	t.Parallel()
	articles, rounds := effort.N(200), min(effort.N(3), 40)
	latest := min(time.Duration(effort.N(1))*latestKill, 3*time.Second)
	random := rand.New(rand.NewPCG(seed, 2))
	origin := newProgram(t, storetest.SQLiteURL(t))
	origin.command(t, "generate", "--articles", strconv.Itoa(articles))
	origin.start(t)
	token, crowd := origin.token(t, "INTEGRATOR"), newCrowd(t, origin, newLedger(t, filepath.Join(t.TempDir(), "ledger")))
	address := inFrontOf(t, origin)
	copied := newProgram(t, storetest.SQLiteURL(t))
	copied.command(t, "migrate", "up")

	largest := int64(0)
	moment := func() { <-time.After(soonestKill + time.Duration(random.Int64N(int64(latest)))) }
	for range rounds {
		crowd.learn(t, origin.address)
		writing := crowd.write()
		follower := copied.follow(t, address, token)
		moment()
		largest = max(largest, follower.kill(t))
		follower = copied.follow(t, address, token)
		moment()
		origin.kill(t)
		writing.Wait()
		moment() // the server does not answer
		origin.start(t)
		moment()
		largest = max(largest, follower.kill(t))
	}
	begin := time.Now()
	follower := copied.follow(t, address, token, "--once")
	largest = max(largest, follower.wait(t))
	t.Logf("%d articles, %d kills of each side: caught up %v after the last, at most %d MiB", articles, rounds, time.Since(begin).Round(time.Millisecond), largest>>20)
	copied.start(t)
	same(t, origin.address, copied.address)
}

// inFrontOf returns an address that stays the same while the program restarts behind it.
func inFrontOf(t *testing.T, p *program) string {
	t.Helper()
	var to atomic.Pointer[url.URL]
	p.moved = func(address string) {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		to.Store(u)
	}
	p.moved(p.address)
	front := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(to.Load()) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	})
	t.Cleanup(front.Close)
	return front.URL
}

// follower is a running `tonggao follow`.
type follower struct {
	cmd  *exec.Cmd
	errs *bytes.Buffer
}

func (p *program) follow(t *testing.T, address, token string, more ...string) *follower {
	t.Helper()
	f := &follower{errs: &bytes.Buffer{}}
	f.cmd = p.process(append([]string{"follow", address, "--every", "200ms"}, more...)...)
	f.cmd.Env = append(f.cmd.Env, "TONGGAO_FOLLOW_TOKEN="+token)
	f.cmd.Stderr = f.errs
	if err := f.cmd.Start(); err != nil {
		t.Fatalf("start the follower: %v", err)
	}
	return f
}

// kill ends the follower with SIGKILL and returns how much memory it took.
func (f *follower) kill(t *testing.T) int64 {
	t.Helper()
	_ = f.cmd.Process.Kill() // where it has ended, Wait reports it
	if err := f.cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the follower ended before it was killed: %v\n%s", err, f.errs)
	}
	return f.memory()
}

// wait waits until the follower has ended and returns how much memory it took.
func (f *follower) wait(t *testing.T) int64 {
	t.Helper()
	if err := f.cmd.Wait(); err != nil {
		t.Fatalf("the follower failed: %v\n%s", err, f.errs)
	}
	return f.memory()
}

func (f *follower) memory() int64 {
	usage, ok := f.cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return usage.Maxrss << 10
}

const walked = `query ($after: Cursor) {
  articles(first: 50, after: $after) {
    edges { node { id slug title lead tags publishedAt updatedAt version category { id slug } region { slug } publisher { name } body { text } } }
    pageInfo { hasNextPage endCursor }
  }
}`

const said = `query ($publisher: ID!) {
  articles(first: 50, filter: {publisher: $publisher}) { edges { node { id commentCount comments(first: 50) { edges { node { id text createdAt } } } } } }
}`

// same compares all articles that both show, and the comments of the newest ones that the
// writers wrote.
func same(t *testing.T, a, b string) {
	t.Helper()
	left, right := &writer{t: t, address: a}, &writer{t: t, address: b}
	type page struct {
		Articles struct {
			Edges    []json.RawMessage
			PageInfo struct {
				HasNextPage bool
				EndCursor   string
			}
		}
	}
	var from, to map[string]any
	for count := 0; ; {
		var x, y page
		for _, err := range []error{left.ask("", walked, from, &x), right.ask("", walked, to, &y)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		for i, edge := range x.Articles.Edges {
			if i >= len(y.Articles.Edges) || !bytes.Equal(edge, y.Articles.Edges[i]) {
				t.Fatalf("article %d differs:\n%s\n%s", count+i, edge, fmt.Sprint(y.Articles.Edges[min(i, len(y.Articles.Edges)-1)]))
			}
		}
		count += len(x.Articles.Edges)
		if !x.Articles.PageInfo.HasNextPage {
			t.Logf("%d articles are the same", count)
			break
		}
		from, to = map[string]any{"after": x.Articles.PageInfo.EndCursor}, map[string]any{"after": y.Articles.PageInfo.EndCursor}
	}
	var first struct {
		Articles struct {
			Edges []struct {
				Node struct{ Publisher struct{ ID string } }
			}
		}
	}
	if err := left.ask("", `{ articles(first: 1) { edges { node { publisher { id } } } } }`, nil, &first); err != nil {
		t.Fatal(err)
	}
	of := map[string]any{"publisher": first.Articles.Edges[0].Node.Publisher.ID}
	var x, y json.RawMessage
	for _, err := range []error{left.ask("", said, of, &x), right.ask("", said, of, &y)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(x, y) {
		t.Errorf("the comments differ:\n%s\n%s", x, y)
	}
}
