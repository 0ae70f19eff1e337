package responsecache_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// got is what a client receives.
type got struct {
	status int
	header http.Header
	text   string
}

func (g got) hit() bool { return strings.HasSuffix(g.header.Get("Cache-Status"), "; hit") }

// post sends a query by POST; headers are names and values in turn.
func post(t testing.TB, p *apptest.Program, query string, headers ...string) got {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	check.NoError(t, err)
	return send(t, p, http.MethodPost, "/graphql", body, append([]string{"Content-Type", "application/json"}, headers...)...)
}

// get sends a query by GET.
func get(t testing.TB, p *apptest.Program, query string, headers ...string) got {
	t.Helper()
	return send(t, p, http.MethodGet, "/graphql?query="+url.QueryEscape(query), nil, headers...)
}

func send(t testing.TB, p *apptest.Program, method, path string, body []byte, headers ...string) got {
	t.Helper()
	r, err := http.NewRequest(method, p.URL+path, bytes.NewReader(body))
	check.NoError(t, err)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	check.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	check.NoError(t, err)
	return got{response.StatusCode, response.Header, string(text)}
}

// warm asks until the answer comes from the cache.
func warm(t testing.TB, p *apptest.Program, query string, headers ...string) got {
	t.Helper()
	for range 3 {
		if g := post(t, p, query, headers...); g.hit() {
			return g
		}
	}
	t.Fatalf("%s is not answered from the cache: %v", query, post(t, p, query, headers...))
	return got{}
}

// TestKept checks that an answer comes from the cache from the third request on, and is the
// answer of the first.
func TestKept(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s, apptest.WithCache)
		p.Article(article.CreateInput{Title: "社区食堂开张"}, p.Clock())
		const query = `{ articles { edges { node { title publisher { name } category { name } commentCount } } } }`
		first := post(t, p, query)
		if first.hit() || post(t, p, query).hit() {
			t.Error("an answer was kept at once")
		}
		third := post(t, p, query)
		if !third.hit() || third.text != first.text || third.header.Get("X-Tonggao-Position") == "" {
			t.Errorf("the third answer: %v\nthe first: %v", third, first)
		}
		if n := s.Count(func() { post(t, p, query) }); n > 0 {
			t.Errorf("a hit sends %d statements", n)
		}
		for _, headers := range [][]string{{"Authorization", "Bearer " + p.Token(viewer.Reader, "")}, {"Cookie", "a=b"}, {"X-Tonggao-Terminal", "WAP"},
			{"Accept", "application/graphql-response+json"}, {"Accept-Language", "zh-CN"}} {
			if g := post(t, p, query, headers...); g.hit() {
				t.Errorf("%v gets the answer for others", headers)
			}
		}
	})
}

// TestNotKept checks that errors, mutations, and what is for one client are not kept.
func TestNotKept(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t), apptest.WithCache)
	for _, query := range []string{`{ viewer { role } }`, `{ me: viewer { role } }`, `{ nothing }`, `{ articles(first: 1000) { totalCount } }`, `{`, `{ reports { totalCount } }`,
		`mutation { recordView(input: {article: "art_01h455vb4pex5vsknk084sn02q"}) { recorded } }`, `{ reportStatus(receipt: "R-0000-0000-0000-0000") { status } }`} {
		for range 4 {
			if g := post(t, p, query); g.hit() {
				t.Errorf("%s is answered from the cache: %s", query, g.text)
			}
			if g := get(t, p, query); g.status == http.StatusOK && !strings.Contains(g.header.Get("Cache-Control"), "no-store") {
				t.Errorf("%s may be kept by others: %v", query, g.header)
			}
		}
	}
}

// TestInvalidated changes what answers show: those that depend on it are computed again, and
// the others are still in the cache.
func TestInvalidated(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s, apptest.WithCache)
		news, other := p.Category("行业新闻", "news", nil), p.Category("健康", "health", nil)
		one := p.Article(article.CreateInput{Title: "一号院子", Category: news.ID}, p.Clock().Add(-time.Hour))
		two := p.Article(article.CreateInput{Title: "二号院子", Category: other.ID}, p.Clock().Add(-time.Hour))
		list := func(category, fields string) string {
			return fmt.Sprintf(`{ articles(filter: {category: %q}) { totalCount edges { node { %s } } } }`, category, fields)
		}
		page := func(id string) string {
			return fmt.Sprintf(`{ article(id: %q) { title body { html } category { name } breadcrumb { name } commentCount comments(first: 10) { totalCount edges { node { text } } } } }`, id)
		}
		queries := map[string]string{"list of one": list(news.ID, "title"), "list of two": list(other.ID, "title"), "counts of one": list(news.ID, "title commentCount"),
			"counts of two": list(other.ID, "title commentCount"), "page of one": page(one.ID), "page of two": page(two.ID), "site": `{ site { name } }`,
			"one by slug": fmt.Sprintf(`{ article(slug: %q) { title } }`, one.Slug), "views of one": list(news.ID, "title viewCount"), "trending": `{ trending { title } }`,
			"search": `{ search(query: "院子") { edges { node { title } } } }`}
		text := func(in string) *string { return &in }
		version := one.Version
		for _, change := range []struct {
			what string
			do   func()
			gone []string
		}{
			{"a comment on one", func() { p.Comment(comment.AddInput{Article: one.ID, Text: "写得好"}, true) }, []string{"counts of one", "page of one"}},
			{"a comment that waits", func() { p.Comment(comment.AddInput{Article: two.ID, Text: "等一等"}, false) }, nil},
			{"an edit of one", func() {
				a, err := p.Articles.Update(apptest.System(), article.UpdateInput{Article: one.ID, Version: version, Title: text("一号院子重修")})
				p.Must(err)
				version = a.Version
			}, []string{"list of one", "counts of one", "page of one", "one by slug", "views of one", "search"}},
			{"a draft", func() { p.Draft(article.CreateInput{Title: "三号院子", Category: news.ID}) }, nil},
			{"a view of one", func() {
				p.Must(p.Views.Record(apptest.System(), one.ID))
				p.Must(p.Views.Flush(apptest.System()))
			}, []string{"views of one", "trending"}},
		} {
			for _, query := range queries {
				warm(t, p, query)
			}
			change.do()
			for name, query := range queries {
				kept := post(t, p, query).hit()
				if want := !contains(change.gone, name); kept != want {
					t.Errorf("%s: %s is kept: %t, want %t", change.what, name, kept, want)
				}
			}
		}
	})
}

func contains(list []string, name string) bool {
	for _, one := range list {
		if one == name {
			return true
		}
	}
	return false
}
