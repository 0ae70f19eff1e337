package follower_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	entcomment "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/sync/follower"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// proxy is a proxy of the remote: its address stays when the remote restarts, and some
// responses are lost.
type proxy struct {
	*httptest.Server
	to     atomic.Pointer[url.URL]
	random atomic.Pointer[rand.Rand] // nil: no response is lost
}

func newProxy(t *testing.T) *proxy {
	g := &proxy{}
	reverse := &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(g.to.Load()) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if random := g.random.Load(); random != nil {
			switch random.IntN(6) {
			case 0:
				w.WriteHeader(http.StatusBadGateway)
				return
			case 1:
				w.Header().Set("Content-Length", "1000000") // and then less
				_, _ = w.Write([]byte(`{"data":{"changes":{"edges":[`))
				return
			}
		}
		reverse.ServeHTTP(w, r)
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *proxy) lead(t *testing.T, p *apptest.Program) {
	t.Helper()
	to, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	g.to.Store(to)
}

// atOnce does not wait.
func atOnce(time.Duration) <-chan time.Time {
	c := make(chan time.Time, 1)
	c <- time.Time{}
	return c
}

// other returns a store on the engine that s is not on, if there is one.
func other(t *testing.T, s *storetest.Store) *storetest.Store {
	if strings.HasPrefix(s.URL, "sqlite:") {
		if s, ok := storetest.Postgres(t); ok {
			return s
		}
	}
	return storetest.SQLite(t)
}

// TestFollow changes a portal while a follower crashes and restarts, the remote restarts
// and responses are lost; in the end both give the same answers.
func TestFollow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, copied *storetest.Store) {
		follows(t, other(t, copied), copied, 1)
	})
	for seed := range uint64(effort.N(1)) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			follows(t, storetest.SQLite(t), storetest.SQLite(t), seed)
		})
	}
}

func follows(t *testing.T, origin, copied *storetest.Store, seed uint64) {
	t.Helper()
	n := portal.NewWriter(t, origin, seed)
	p, q := apptest.Start(t, origin), apptest.Start(t, copied)
	g := newProxy(t)
	g.lead(t, p)
	random := rand.New(rand.NewPCG(seed, 7))
	g.random.Store(random)
	token := p.Token(viewer.Integrator, "")
	for range effort.N(100) { // the snapshot copies this in another order than it was written
		n.Act()
	}
	for round := range 6 {
		for range 15 {
			n.Act()
		}
		copied.Set(origin.Clock())
		if round == 3 {
			if err := p.Stop(); err != nil {
				t.Fatal(err)
			}
			p = apptest.Start(t, origin)
			g.lead(t, p)
		}
		crashing(t, q, g.URL, token, random.IntN(4))
	}
	n.Must(n.Articles.LogDue(apptest.System()))
	if err := newFollower(t, q, g.URL, token, nil).Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	want, got := shown(p, n.CategoryIDs), shown(q, n.CategoryIDs)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("the origin (-) and the copy (+) differ: %s", diff)
	}
	if len(want) < 10 {
		t.Errorf("only %d answers were compared", len(want))
	}
}

func newFollower(t *testing.T, q *apptest.Program, address, token string, progress func(int)) *follower.Follower {
	t.Helper()
	remote, err := follower.NewRemote(address, token)
	if err != nil {
		t.Fatal(err)
	}
	return q.Follower(remote, follower.Options{Progress: progress, Wait: atOnce})
}

// crashing follows for some pages, and is killed then.
func crashing(t *testing.T, q *apptest.Program, address, token string, pages int) {
	t.Helper()
	ctx, crash := context.WithCancel(t.Context())
	defer crash()
	f := newFollower(t, q, address, token, func(int) {
		if pages--; pages < 0 {
			crash()
		}
	})
	if err := f.Once(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

const places = `query ($ids: [ID!]!) {
  categories { id }
  nodes(ids: $ids) { ... on Category { id slug name position terminals articleCount parent { id } breadcrumb { slug } } }
  regions { id slug name position }
  publishers(first: 50) { edges { node { id name public articleCount } } }
}`

const articles = `query ($after: Cursor) {
  articles(first: 20, after: $after) {
    edges { node {
      id slug title subtitle lead leadIsAutomatic author cover tags labels terminals publishedAt expiresAt createdAt updatedAt version
      viewCount commentCount commentsOpen originIpMasked ipRegion source { name url }
      category { id name } breadcrumb { slug } region { name } publisher { name public }
      body { html markdown document }
      previous { id } next { id } related(first: 3) { id }
      comments(first: 10) { edges { node { ...R replies(first: 5) { edges { node { ...R parent { id } } } } } } }
    } }
    pageInfo { hasNextPage endCursor }
  }
}
fragment R on Comment { id author text createdAt editedAt originIpMasked ipRegion }`

// shown returns everything that is public.
func shown(p *apptest.Program, categories []string) (list []string) {
	var data json.RawMessage
	p.MustAsk("", places, map[string]any{"ids": categories}, &data)
	list = append(list, string(data))
	for _, words := range []string{"养老", "改过"} {
		p.MustAsk("", `query ($w: String!) { search(query: $w, first: 100) { edges { node { id } } } }`, map[string]any{"w": words}, &data)
		list = append(list, words+" "+string(data))
	}
	for after := (*string)(nil); ; {
		var page struct {
			Articles struct {
				Edges    []struct{ Node json.RawMessage }
				PageInfo struct {
					HasNextPage bool
					EndCursor   *string
				}
			}
		}
		p.MustAsk("", articles, map[string]any{"after": after}, &page)
		for _, e := range page.Articles.Edges {
			list = append(list, string(e.Node))
		}
		if after = page.Articles.PageInfo.EndCursor; !page.Articles.PageInfo.HasNextPage {
			return list
		}
	}
}

// TestRunRejects checks that errors which a retry does not change end the run, and say what
// to do.
func TestRunRejects(t *testing.T) {
	t.Parallel()
	p, q := apptest.Start(t, storetest.SQLite(t)), apptest.Start(t, storetest.SQLite(t))
	elsewhere := httptest.NewServer(http.NotFoundHandler())
	defer elsewhere.Close()
	for name, c := range map[string]struct{ address, token, want string }{
		"an unknown token": {p.URL, "tg_made_up", "refuses the token"},
		"a reader's token": {p.URL, p.Token(viewer.Reader, ""), "INTEGRATOR"},
		"something else":   {elsewhere.URL, "tg_x", "does not answer as a Tonggao does"},
	} {
		err := newFollower(t, q, c.address, c.token, nil).Run(t.Context())
		if !fault.Is(err, fault.BadUserInput) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
	if err := newFollower(t, q, p.URL+"/graphql", p.Token(viewer.Integrator, ""), nil).Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.Category("行业新闻", "news", nil)
	if err := newFollower(t, q, p.URL+"/", p.Token(viewer.Integrator, ""), nil).Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := newFollower(t, q, elsewhere.URL, "tg_x", nil).Once(t.Context())
	if !fault.Is(err, fault.BadUserInput) || !strings.Contains(err.Error(), "this database follows "+p.URL) {
		t.Errorf("another remote: %v", err)
	}
	for _, address := range []string{"", "news.example.com", "ftp://news.example.com", "https://user:secret@news.example.com", "https://news.example.com/?a=1"} {
		if _, err := follower.NewRemote(address, "tg_x"); !fault.Is(err, fault.BadUserInput) {
			t.Errorf("%q is accepted as an address: %v", address, err)
		}
	}
}

// TestApplyKeepsTakedowns checks that an article that was taken down here stays down when the
// remote changes it.
func TestApplyKeepsTakedowns(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, copied *storetest.Store) {
		p, q := apptest.Start(t, storetest.SQLite(t)), apptest.Start(t, copied)
		a := p.Article(article.CreateInput{Title: "软食不等于糊糊", Category: p.Category("行业新闻", "news", nil).ID,
			Publisher: &p.Publisher("云渡颐园", true).ID}, p.Store.Clock())
		token, moderator := p.Token(viewer.Integrator, ""), q.Token(viewer.Moderator, "")
		f := newFollower(t, q, p.URL, token, nil)
		if err := f.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		var ignored any
		q.MustAsk(moderator, `mutation ($id: ID!) { takeDown(input: {item: $id, reason: "侵权"}) { userErrors { message } } }`, map[string]any{"id": a.ID}, &ignored)
		p.MustAsk(p.Token(viewer.Editor, ""), fmt.Sprintf(`mutation ($id: ID!) { updateArticle(input: {article: $id, version: %d, title: "软食的四级做法"}) { userErrors { message } } }`, a.Version),
			map[string]any{"id": a.ID}, &ignored)
		if err := newFollower(t, q, p.URL, token, nil).Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		var found struct{ Article *struct{ Title string } }
		q.MustAsk("", `query ($id: ID!) { article(id: $id) { title } }`, map[string]any{"id": a.ID}, &found)
		if found.Article != nil {
			t.Errorf("the follower shows %q again", found.Article.Title)
		}
	})
}

// TestApplyReplyBeforeParent copies a reply whose parent is not public yet, and appears
// later.
func TestApplyReplyBeforeParent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, copied *storetest.Store) {
		origin := storetest.SQLite(t)
		p, q := apptest.Start(t, origin), apptest.Start(t, copied)
		a := p.Article(article.CreateInput{Title: "软食不等于糊糊", Category: p.Category("行业新闻", "news", nil).ID,
			Publisher: &p.Publisher("云渡颐园", true).ID}, origin.Clock())
		question := p.Comment(comment.AddInput{Article: a.ID, Text: "几级才算软食？"}, true)
		origin.Advance(time.Minute)
		p.Comment(comment.AddInput{Article: a.ID, Text: "第四级。", Parent: &question.ID}, true)
		for _, status := range []entcomment.Status{entcomment.StatusREJECTED, entcomment.StatusAPPROVED, entcomment.StatusREJECTED} {
			if _, err := p.Comments.Moderate(apptest.System(), comment.ModerateInput{Comment: question.ID, Status: status}); err != nil {
				t.Fatal(err)
			}
			copied.Set(origin.Clock())
			if err := newFollower(t, q, p.URL, p.Token(viewer.Integrator, ""), nil).Once(t.Context()); err != nil {
				t.Fatalf("%s: %v", status, err)
			}
			if diff := cmp.Diff(shown(p, []string{}), shown(q, []string{})); diff != "" {
				t.Fatalf("%s: the origin (-) and the copy (+) differ: %s", status, diff)
			}
		}
		left, err := copied.Client(apptest.System()).Comment.Get(apptest.System(), question.ID)
		if err != nil || strings.Contains(left.Text, "软食") {
			t.Errorf("of a comment that is not public, %+v is left: %v", left, err)
		}
	})
}
