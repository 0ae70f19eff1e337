package graph_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/media"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/sync/webhook"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/imagegen"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// frontPage is the query of a portal's front page.
const frontPage = `query ($n: Int!) { articles(first: $n) { edges { node {
	title publisher { name } category { name parent { name } }
	comments(first: 3) { totalCount edges { node { text } } } } } } }`

// TestStatementsDoNotFollowRows checks that there is no N+1 problem: no list of the schema
// needs more statements for more rows.
func TestStatementsDoNotFollowRows(t *testing.T) {
	t.Parallel()
	const fields = `id slug status title subtitle lead author source { name url } cover coverImage { url variants { url } } tags labels terminals
		category { name parent { name } } breadcrumb { name } region { name } publisher { name } publishedAt createdAt
		updatedAt version viewCount commentCount commentsOpen disclaimer originIpMasked url
		body { text html markdown document images { url variants { url } } } previous { title } next { title }
		related(first: 3) { title publisher { name } } revisions(first: 2) { version savedBy content }
		comments(first: 3) { totalCount pageInfo { hasNextPage } edges { node { text author parent { text } article { title } replies(first: 2) { totalCount edges { node { text } } } } } }`
	queries := map[string]struct {
		query string
		most  int
		role  viewer.Role
	}{
		"the front page":     {frontPage, 7, viewer.Anonymous},
		"everything at once": {`query ($n: Int!) { articles(first: $n) { totalCount pageInfo { endCursor } edges { cursor node { ` + fields + ` } } } }`, 40, viewer.Editor},
		"search":             {`query ($n: Int!) { search(query: "养老", first: $n) { totalCount edges { node { title publisher { name } } } } }`, 3, viewer.Anonymous},
		"by category":        {`query ($n: Int!) { categories { name articleCount articles(first: $n) { totalCount edges { node { title publisher { name } } } } children { name parent { name } breadcrumb { name } articles(first: $n) { edges { node { title } } } } } }`, 14, viewer.Anonymous},
		"by publisher":       {`query ($n: Int!) { articles(first: $n) { edges { node { publisher { articleCount articles(first: 2) { edges { node { title } } } } } } } }`, 4, viewer.Anonymous},
		"comments":           {`query ($n: Int!) { comments(first: $n) { totalCount edges { node { text article { title category { name } } parent { text } replies(first: 2) { edges { node { text } } } } } } }`, 6, viewer.Moderator},
		"trending":           {`query ($n: Int!) { trending(first: $n) { title category { name } } }`, 3, viewer.Anonymous},
		"webhooks":           {`query ($n: Int!) { webhooks(first: $n) { totalCount edges { node { name filter { types } attempts(first: 3) { totalCount edges { node { event } } } deadLetters(first: 2) { edges { node { event } } } } } } }`, 5, viewer.Admin},
		"pictures":           {`query ($n: Int!) { pictures(first: $n) { totalCount edges { node { url width alt uploadedBy variants { url } } } } }`, 2, viewer.Editor},
		"only page info":     {`query ($n: Int!) { articles(first: $n) { pageInfo { hasNextPage endCursor } } }`, 1, viewer.Anonymous},
		"only the count":     {`query ($n: Int!) { articles(first: $n) { totalCount } }`, 1, viewer.Anonymous},
	}
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s)
		news := p.Category("行业新闻", "news", nil)
		leaves := []*ent.Category{p.Category("行业动态", "industry", news), p.Category("政策法规", "policy", news)}
		publishers := []*ent.Publisher{p.Publisher("青禾养老网编辑部", true), p.Publisher("林小满", false), p.Publisher("周砚", false)}
		articles := p.Many(100, 4, leaves, publishers)
		illustrate(t, p, articles)
		for i := range 12 {
			pausedWebhook(apptest.System(), t, p, fmt.Sprintf("第%d个", i), "https://hook.example.com/")
		}
		for name, q := range queries {
			token := p.Token(q.role, "")
			p.MustAsk(token, q.query, map[string]any{"n": 20}, new(any)) // fills caches
			counts := map[int]int{}
			for _, n := range []int{5, 100} {
				limits := n
				if name == "everything at once" || name == "by category" {
					limits = min(n, 20) // their price forbids more
				}
				counts[n] = s.Count(func() { p.MustAsk(token, q.query, map[string]any{"n": limits}, new(any)) })
				if token != "" {
					counts[n]-- // the look-up of the token
				}
			}
			if counts[5] != counts[100] || counts[100] > q.most {
				t.Errorf("%s: %d statements for 5 rows, %d for 100; at most %d", name, counts[5], counts[100], q.most)
			}
		}
	})
}

// illustrate adds a cover and a picture to each article.
func illustrate(t *testing.T, p *apptest.Program, articles []*ent.Article) {
	t.Helper()
	for i, a := range articles {
		in, err := p.Pictures.Receive(apptest.System(), bytes.NewReader(imagegen.GIF(1+i, 1, 1)))
		if err != nil {
			t.Fatal(err)
		}
		row, err := p.Pictures.Add(apptest.System(), in, "")
		in.Discard()
		if err != nil {
			t.Fatal(err)
		}
		at := media.Path(row, row.Files[0])
		text := "![](" + at + ")"
		if _, err = p.Articles.Update(apptest.System(), article.UpdateInput{Article: a.ID, Version: a.Version, Cover: &at, Body: &article.BodyInput{Markdown: &text}}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAliases checks that two aliases of one field load different data.
func TestAliases(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s)
		c := p.Category("行业新闻", "news", nil)
		publisher := p.Publisher("青禾养老网编辑部", true)
		p.Many(3, 2, []*ent.Category{c}, []*ent.Publisher{publisher})
		var got struct {
			Articles struct {
				Edges []struct {
					Node struct {
						A, B struct{ ID, Name string }
						One  struct {
							Edges []struct{ Node struct{ Text string } }
						}
						Two struct {
							Edges []struct{ Node struct{ Text, ID string } }
						}
					}
				}
			}
		}
		p.MustAsk("", `{ articles { edges { node { a: publisher { id } b: publisher { name }
			one: comments(first: 1) { edges { node { text } } } two: comments(first: 2) { edges { node { id } } } } } } }`, nil, &got)
		for i, e := range got.Articles.Edges {
			n := e.Node
			if n.A.ID != publisher.ID || n.B.Name != publisher.Name || n.A.Name != "" || n.B.ID != "" {
				t.Errorf("row %d: a %+v, b %+v", i, n.A, n.B)
			}
			if len(n.One.Edges) != 1 || len(n.Two.Edges) != 2 || n.One.Edges[0].Node.Text == "" || n.Two.Edges[1].Node.ID == "" {
				t.Errorf("row %d: one %+v, two %+v", i, n.One, n.Two)
			}
		}
		if len(got.Articles.Edges) != 3 {
			t.Errorf("%d rows", len(got.Articles.Edges))
		}
	})
}

// TestCategoryPagesUseIndexes checks the plan of the statement that reads one page per
// category: it searches indexes, and neither scans nor sorts a table.
func TestCategoryPagesUseIndexes(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	p := apptest.Start(t, s)
	a, b := p.Category("行业新闻", "news", nil), p.Category("生活服务", "life", nil)
	p.Many(50, 0, []*ent.Category{a, b}, []*ent.Publisher{p.Publisher("青禾养老网编辑部", true)})
	for _, order := range []string{"PUBLISHED_DESC", "PUBLISHED_ASC", "VIEWS_DESC", "UPDATED_DESC"} {
		for _, plan := range plans(p, "", fmt.Sprintf(`{ categories { articles(first: 3, orderBy: %s) { edges { node { title } } } } }`, order)) {
			if plan.scans("articles") || plan.sortsBelow() {
				t.Errorf("%s:\n%s", order, plan)
			}
		}
	}
}

// pausedWebhook creates a webhook of the viewer in ctx that is paused, because nothing receives
// its deliveries.
func pausedWebhook(ctx context.Context, t *testing.T, p *apptest.Program, name, url string) *ent.Webhook {
	t.Helper()
	w, _, err := p.Webhooks().Create(ctx, webhook.CreateInput{URL: url, Name: &name})
	if err == nil {
		active := false
		w, err = p.Webhooks().Update(ctx, webhook.UpdateInput{Webhook: w.ID, Active: &active})
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}
