package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestOneBadArgument keeps the rest of the answer when a field is refused.
func TestOneBadArgument(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t))
	for _, field := range []string{`search(query: "\"") { totalCount }`, `articles(first: 1000) { totalCount }`, `articles(after: "xxx") { totalCount }`,
		`trending(first: 0) { id }`, `publishers(first: 0) { totalCount }`, `comments(after: "x") { totalCount }`, `pictures { totalCount }`, `reports { totalCount }`,
		`wordLists { name }`, `webhooks { totalCount }`, `changes { edges { cursor } }`, `category { id }`, `region { id }`,
		`nodes(ids: [` + strings.Repeat(`"x",`, 101) + `]) { id }`} {
		a := p.Ask("", `{ site { name } bad: `+field+` }`, nil)
		if len(a.Errors) != 1 || !strings.Contains(a.Body, `"name":"通稿"`) || !strings.Contains(a.Body, `"bad":null`) {
			t.Errorf("%s: %s", field, a.Body)
		}
	}
	a := p.Ask(p.Token(viewer.Moderator, ""), `{ trending { id } wordLists { name } nodes(ids: []) { id } }`, nil)
	if len(a.Errors) > 0 || strings.Contains(a.Body, "null") {
		t.Errorf("what is empty must not be null: %s", a.Body)
	}
}

// TestSlugs selects by slug what else is selected by id.
func TestSlugs(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s)
		news := p.Category("行业新闻", "news", nil)
		leaf, life := p.Category("行业动态", "industry", news), p.Category("生活", "life", nil)
		linlan, house := p.Region("临澜市", "linlan"), p.Publisher("青禾养老网编辑部", true)
		for title, in := range map[string]article.CreateInput{"临澜动态": {Category: leaf.ID, Region: &linlan.ID}, "全国动态": {Category: leaf.ID}, "临澜生活": {Category: life.ID, Region: &linlan.ID}} {
			in.Title, in.Publisher = title, &house.ID
			p.Article(in, s.Clock().Add(-time.Hour))
		}
		for filter, want := range map[string]string{`category: "news", region: "linlan"`: "临澜动态", `category: "life"`: "临澜生活",
			fmt.Sprintf(`category: "industry", region: %q`, linlan.ID): "临澜动态", `category: "industry", exact: true, nationwide: true`: "全国动态",
			`category: "none"`: "", `region: "none"`: "", `category: "news", region: "none"`: ""} {
			a := p.Ask("", `{ articles(filter: {`+filter+`}) { edges { node { title } } } }`, nil)
			if want == "" && !strings.Contains(a.Body, `"edges":[]`) || want != "" && (strings.Count(a.Body, "title") != 1 || !strings.Contains(a.Body, want)) {
				t.Errorf("%s: want %q, got %s", filter, want, a.Body)
			}
		}
		a := p.Ask("", fmt.Sprintf(`{ a: region(slug: "linlan") { name } b: region(id: %q) { slug } c: region(slug: "none") { name } d: region(id: "x") { name } }`, linlan.ID), nil)
		if !strings.Contains(a.Body, `{"a":{"name":"临澜市"},"b":{"slug":"linlan"},"c":null,"d":null}`) {
			t.Error(a.Body)
		}
		for _, filter := range []string{`category: "行业"`, `region: "A B"`, `publisher: "linlan"`} {
			if a := p.Ask("", `{ articles(filter: {`+filter+`}) { totalCount } }`, nil); a.Code() != "BAD_USER_INPUT" {
				t.Errorf("%s: %s", filter, a.Body)
			}
		}
	})
}

// TestConflictVersion checks that a client which saves an old version receives the current one.
func TestConflictVersion(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t))
	news, house := p.Category("行业新闻", "news", nil), p.Publisher("青禾养老网编辑部", true)
	a := p.Article(article.CreateInput{Title: "助餐点", Category: news.ID, Publisher: &house.ID}, p.Clock().Add(-time.Hour))
	save := func(version int) apptest.Answer {
		return p.Ask(p.Token(viewer.Editor, ""), `mutation ($in: UpdateArticleInput!) { updateArticle(input: $in) { article { version } } }`,
			map[string]any{"in": map[string]any{"article": a.ID, "version": version, "title": "助餐点开门了"}})
	}
	save(a.Version)
	if stale := save(a.Version); stale.Code() != "CONFLICT" || !strings.Contains(stale.Body, fmt.Sprintf(`"version":%d`, a.Version+1)) {
		t.Error(stale.Body)
	}
}
