package article_test

import (
	"context"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// newsroom is a small portal to write for.
type newsroom struct {
	*storetest.Store
	*article.Service
	t                    *testing.T
	news, industry, life string // categories; industry lies below news
	linlan               string // a region
	house, writer        string // publishers: a public one and a private one
}

func each(t *testing.T, test func(*testing.T, *newsroom)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) { test(t, open(t, s)) })
}

func open(t *testing.T, s *storetest.Store) *newsroom {
	t.Helper()
	log := changefeed.New(s.Store)
	categories := category.New(s.Store, log)
	n := &newsroom{Store: s, Service: article.New(s.Store, log, categories), t: t}
	now := s.Clock()
	c := s.Client(system)
	n.news, n.industry, n.life = typeid.New(typeid.Category, now), typeid.New(typeid.Category, now), typeid.New(typeid.Category, now)
	n.linlan, n.house, n.writer = typeid.New(typeid.Region, now), typeid.New(typeid.Publisher, now), typeid.New(typeid.Publisher, now)
	n.need(c.Category.Create().SetID(n.news).SetSlug("news").SetName("行业新闻").SetCreatedAt(now).SetUpdatedAt(now).Exec(system))
	n.need(c.Category.Create().SetID(n.industry).SetSlug("industry").SetName("行业动态").SetParentID(n.news).SetCreatedAt(now).SetUpdatedAt(now).Exec(system))
	n.need(c.Category.Create().SetID(n.life).SetSlug("life").SetName("生活服务").SetCreatedAt(now).SetUpdatedAt(now).Exec(system))
	n.need(c.Region.Create().SetID(n.linlan).SetSlug("linlan").SetName("临澜市").SetCreatedAt(now).SetUpdatedAt(now).Exec(system))
	n.need(c.Publisher.Create().SetID(n.house).SetName("青禾养老网编辑部").SetPublic(true).SetCreatedAt(now).SetUpdatedAt(now).Exec(system))
	n.need(c.Publisher.Create().SetID(n.writer).SetName("林小满").SetCreatedAt(now).SetUpdatedAt(now).Exec(system))
	return n
}

// Who acts.
var (
	system    = viewer.AsSystem(context.Background())
	anybody   = context.Background()
	editor    = as(viewer.Viewer{Role: viewer.Editor, Name: "编辑部", Address: "192.0.2.7"})
	moderator = as(viewer.Viewer{Role: viewer.Moderator})
	reader    = as(viewer.Viewer{Role: viewer.Reader, TokenID: "tok_x"})
)

func as(v viewer.Viewer) context.Context { return viewer.With(context.Background(), v) }

func (n *newsroom) publisher(id string) context.Context {
	return as(viewer.Viewer{Role: viewer.Publisher, Publisher: id})
}

func (n *newsroom) need(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}

func (n *newsroom) draft(title string, change ...func(*article.CreateInput)) *ent.Article {
	n.t.Helper()
	text := "第一段。\n\n第二段说养老。"
	in := article.CreateInput{Title: title, Category: n.industry, Publisher: &n.house,
		Body: article.BodyInput{Markdown: &text}, CommentsOpen: true}
	for _, f := range change {
		f(&in)
	}
	a, err := n.Create(editor, in)
	n.need(err)
	return a
}

func (n *newsroom) published(title string, age time.Duration, change ...func(*article.CreateInput)) *ent.Article {
	n.t.Helper()
	at := n.Clock().Add(-age)
	a, err := n.Publish(editor, article.PublishInput{Article: n.draft(title, change...).ID, At: &at})
	n.need(err)
	return a
}

// log is the change log as "KIND item".
func (n *newsroom) log(item string) []string {
	n.t.Helper()
	rows, err := n.Client(system).Change.Query().All(system)
	n.need(err)
	var kinds []string
	for _, c := range rows {
		if c.ItemID == item {
			kinds = append(kinds, c.Kind)
		}
	}
	return kinds
}

func ptr[T any](v T) *T { return &v }

func titles(c *article.Connection) []string {
	list := make([]string, len(c.Edges))
	for i, e := range c.Edges {
		list[i] = e.Node.Title
	}
	return list
}
