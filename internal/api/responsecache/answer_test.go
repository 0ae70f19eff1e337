package responsecache_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tonggao/tonggao/internal/api/responsecache"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/store/invalidation"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestForms asks for one answer compressed and as it is: each form has its own ETag, and
// either ends in a 304 until the article changes.
func TestForms(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t), apptest.WithCache)
	a := p.Article(article.CreateInput{Title: strings.Repeat("社区食堂开张，", 20), Lead: new(strings.Repeat("午饭十一点开始。", 100))}, p.Clock())
	const query = `{ articles { edges { node { title lead } } } }`
	for range 3 {
		get(t, p, query)
	}
	plain, packed := get(t, p, query, "Accept-Encoding", "identity"), get(t, p, query, "Accept-Encoding", "gzip")
	if !plain.hit() || !packed.hit() || packed.header.Get("Content-Encoding") != "gzip" || plain.header.Get("ETag") == packed.header.Get("ETag") {
		t.Fatalf("%v\n%v", plain.header, packed.header)
	}
	r, err := gzip.NewReader(strings.NewReader(packed.text))
	check.NoError(t, err)
	unpacked, err := io.ReadAll(r)
	check.NoError(t, err)
	check.Equal(t, "the text", string(unpacked), plain.text)
	for _, tag := range []string{plain.header.Get("ETag"), packed.header.Get("ETag"), "W/" + plain.header.Get("ETag"), `"other", ` + plain.header.Get("ETag"), "*"} {
		if g := get(t, p, query, "If-None-Match", tag); g.status != http.StatusNotModified || g.text != "" || g.header.Get("ETag") == "" {
			t.Errorf("If-None-Match: %s: %d %q", tag, g.status, g.text)
		}
	}
	if g := get(t, p, query, "If-None-Match", `"other"`); g.status != http.StatusOK {
		t.Errorf("another tag: %d", g.status)
	}
	_, err = p.Articles.Update(apptest.System(), article.UpdateInput{Article: a.ID, Version: a.Version, Title: new("换了名字")})
	p.Must(err)
	if g := get(t, p, query, "If-None-Match", plain.header.Get("ETag")); g.status != http.StatusOK || !strings.Contains(g.text, "换了名字") {
		t.Errorf("after a change: %d %s", g.status, g.text)
	}
}

// fresh is a Freshness that fails with its error.
type fresh struct{ error }

func (f fresh) Ensure(context.Context, int64) error { return f.error }
func (fresh) Position() int64                       { return 7 }

func newCache(bytes int64, f fresh) *responsecache.Cache {
	return responsecache.New(responsecache.Options{Bytes: bytes, Changes: invalidation.New(), Freshness: f, ViewsAge: time.Second,
		Clock:   func() instant.Instant { return 1 },
		NextDue: func(context.Context, instant.Instant) (*instant.Instant, error) { return nil, nil }})
}

// fill computes an answer as the first request would.
func fill(ctx context.Context, t *testing.T, f *responsecache.Fill, body string) {
	t.Helper()
	if f == nil {
		t.Fatal("the request must compute its answer")
	}
	f.Finish(f.Record(ctx), []byte(body), 5)
}

// TestAwait sends the same request many times at once: from the second on one computes the
// answer and the others wait for it, but not for ever.
func TestAwait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, k, ctx := newCache(1<<20, fresh{}), responsecache.Key{Kind: "POST", Raw: []byte("{ site { name } }")}, t.Context()
		_, _, first := c.Await(ctx, k)
		if first.Keeps() {
			t.Error("the answer to the first request will be kept")
		}
		fill(ctx, t, first, "one")
		_, _, work := c.Await(ctx, k)
		if !work.Keeps() {
			t.Fatal("the answer to the second request will not be kept")
		}
		answers := make(chan string, 3)
		for range 3 {
			go func() {
				a, position, f := c.Await(ctx, k)
				if f != nil || position != 5 {
					t.Errorf("a request computes the answer again, or has the position %d", position)
					return
				}
				answers <- string(a.Body)
			}()
		}
		synctest.Wait()
		fill(ctx, t, work, "two")
		for range 3 {
			check.Equal(t, "the answer", <-answers, "two")
		}
		if a, _ := c.Get(ctx, k, 0); a == nil || string(a.Body) != "two" {
			t.Errorf("kept: %v", a)
		}
		if s := c.Stats(); s.Answers != 1 || s.Bytes < 3 || s.Waits != 3 || s.Misses != 5 || s.Invalidated != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// TestAwaitIsBounded waits for a request that does not end, for a client that leaves, and for
// one that is abandoned.
func TestAwaitIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, k, ctx := newCache(1<<20, fresh{}), responsecache.Key{Raw: []byte("q")}, t.Context()
		c.Await(ctx, k)
		_, _, stuck := c.Await(ctx, k)
		begin := time.Now()
		if a, _, f := c.Await(ctx, k); a != nil || f == nil || f.Keeps() || time.Since(begin) != 2*time.Second {
			t.Errorf("after %v: %v, %v", time.Since(begin), a, f)
		}
		gone, leave := context.WithCancel(ctx)
		leave()
		if _, _, f := c.Await(gone, k); f == nil || f.Keeps() {
			t.Error("a client that left gets a place in the cache")
		}
		go func() { time.Sleep(time.Second); stuck.Abandon() }()
		if _, _, f := c.Await(ctx, k); f == nil || !f.Keeps() {
			t.Error("after the work was abandoned the next request does not compute the answer")
		}
	})
}

// TestNoCache computes every answer where the size is 0 or what other processes do is unknown.
func TestNoCache(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*responsecache.Cache{"size 0": newCache(0, fresh{}), "not fresh": newCache(1<<20, fresh{errors.New("the log cannot be read")})} {
		k := responsecache.Key{Raw: []byte("q")}
		for range 3 {
			if a, _ := c.Get(t.Context(), k, 0); a != nil {
				t.Errorf("%s: an answer was kept", name)
			}
			_, _, f := c.Await(t.Context(), k)
			fill(t.Context(), t, f, strings.Repeat("长", 1000))
		}
		a := func() *responsecache.Answer {
			_, _, f := c.Await(t.Context(), k)
			return f.Finish(f.Record(t.Context()), bytes.Repeat([]byte("x"), 5000), 0)
		}()
		if form := c.Form(a, true); !form.Gzip || len(form.Body) > 500 {
			t.Errorf("%s: %d bytes", name, len(form.Body))
		}
	}
}
