package article_test

import (
	"context"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// fixture is a portal with the service under test and something to file articles under.
type fixture struct {
	*portal.Portal
	*article.Service
	t                    *testing.T
	news, industry, life string // categories; industry is below news
	linlan               string // a region
	house, writer        string // publishers: a public one and a private one
}

func each(t *testing.T, test func(*testing.T, *fixture)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) { test(t, open(t, s)) })
}

func open(t *testing.T, s *storetest.Store) *fixture {
	t.Helper()
	n := &fixture{Portal: portal.New(t, s), t: t}
	n.Service = n.Articles
	news := n.Category("行业新闻", "news", nil)
	n.news, n.industry, n.life = news.ID, n.Category("行业动态", "industry", news).ID, n.Category("生活服务", "life", nil).ID
	n.linlan = n.Region("临澜市", "linlan").ID
	n.house, n.writer = n.Publisher("青禾养老网编辑部", true).ID, n.Publisher("林小满", false).ID
	return n
}

// Viewers.
var (
	system    = portal.System()
	anybody   = context.Background()
	editor    = as(viewer.Viewer{Role: viewer.Editor, Name: "编辑部", Address: "192.0.2.7"})
	moderator = as(viewer.Viewer{Role: viewer.Moderator})
	reader    = as(viewer.Viewer{Role: viewer.Reader, TokenID: "tok_x"})
)

func as(v viewer.Viewer) context.Context { return viewer.With(context.Background(), v) }

// publisher returns a context of a publisher.
func (n *fixture) publisher(id string) context.Context {
	return as(viewer.Viewer{Role: viewer.Publisher, Publisher: id})
}

// draft writes a draft by an editor.
func (n *fixture) draft(title string, change ...func(*article.CreateInput)) *ent.Article {
	n.t.Helper()
	text := "第一段。\n\n第二段说养老。"
	in := article.CreateInput{Title: title, Category: n.industry, Publisher: &n.house,
		Body: article.BodyInput{Markdown: &text}, CommentsOpen: true}
	for _, f := range change {
		f(&in)
	}
	a, err := n.Create(editor, in)
	n.Must(err)
	return a
}

// published writes an article that was published some time ago.
func (n *fixture) published(title string, age time.Duration, change ...func(*article.CreateInput)) *ent.Article {
	n.t.Helper()
	at := n.Clock().Add(-age)
	a, err := n.Publish(editor, article.PublishInput{Article: n.draft(title, change...).ID, At: &at})
	n.Must(err)
	return a
}

// log returns the kinds of the change feed's entries about an item.
func (n *fixture) log(item string) []string {
	n.t.Helper()
	var kinds []string
	for _, c := range n.Changes(item) {
		kinds = append(kinds, c.Kind)
	}
	return kinds
}

// titles returns the titles of a list.
func titles(c *article.Connection) []string {
	list := make([]string, len(c.Edges))
	for i, e := range c.Edges {
		list[i] = e.Node.Title
	}
	return list
}
