package changes_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/article"
	"github.com/tonggao/tonggao/internal/audit"
	"github.com/tonggao/tonggao/internal/category"
	"github.com/tonggao/tonggao/internal/changes"
	"github.com/tonggao/tonggao/internal/comment"
	"github.com/tonggao/tonggao/internal/fault"
	"github.com/tonggao/tonggao/internal/gid"
	"github.com/tonggao/tonggao/internal/measure"
	"github.com/tonggao/tonggao/internal/publisher"
	"github.com/tonggao/tonggao/internal/region"
	"github.com/tonggao/tonggao/internal/storetest"
	"github.com/tonggao/tonggao/internal/terminal"
	"github.com/tonggao/tonggao/internal/viewer"
)

var (
	system     = viewer.AsSystem(context.Background())
	integrator = viewer.With(context.Background(), viewer.Viewer{Role: viewer.Integrator, TokenID: "tok_i"})
)

// newsroom does what people do to a portal, at random, from a seed.
type newsroom struct {
	*storetest.Store
	t          testing.TB
	random     *rand.Rand
	log        *changes.Log
	articles   *article.Service
	categories *category.Service
	publishers *publisher.Service
	regions    *region.Service
	comments   *comment.Service

	article, category, publisher, region, comment []string // ids
	said                                          int
	down                                          map[string]string // what is taken down, with its status before
}

func open(t testing.TB, s *storetest.Store, seed uint64) *newsroom {
	t.Helper()
	log := changes.New(s.Store)
	n := &newsroom{Store: s, down: map[string]string{}, t: t, random: rand.New(rand.NewPCG(seed, 4)), log: log, categories: category.New(s.Store, log),
		publishers: publisher.New(s.Store, log), regions: region.New(s.Store, log), comments: comment.New(comment.Options{Store: s.Store, Log: log, Audit: audit.New(s.Store)})}
	n.articles = article.New(s.Store, log, n.categories)
	for i := range 2 {
		p, err := n.publishers.Create(system, publisher.CreateInput{Name: fmt.Sprintf("林小满%d", i), Public: i == 0})
		n.need(err)
		r, err := n.regions.Create(system, region.CreateInput{Name: fmt.Sprintf("临澜市%d", i)})
		n.need(err)
		n.publisher, n.region = append(n.publisher, p.ID), append(n.region, r.ID)
	}
	for range 4 {
		n.addCategory()
	}
	return n
}

func (n *newsroom) need(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}

// try is for what chance may make impossible: an answer that says so is fine.
func (n *newsroom) try(err error) {
	n.t.Helper()
	if err != nil && fault.CodeOf(err) == fault.Internal {
		n.t.Fatal(err)
	}
}

func (n *newsroom) one(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return ids[n.random.IntN(len(ids))]
}

func (n *newsroom) addCategory() {
	in := category.CreateInput{Name: fmt.Sprintf("栏目%d", len(n.category))}
	if parent := n.one(n.category); parent != "" && n.random.IntN(4) > 0 {
		in.Parent = &parent
	}
	c, err := n.categories.Create(system, in)
	if n.try(err); err == nil {
		n.category = append(n.category, c.ID)
	}
}

func (n *newsroom) terminals() []terminal.Terminal {
	return [][]terminal.Terminal{{terminal.Web}, {terminal.App, terminal.Web}, {terminal.App}}[n.random.IntN(3)]
}

// act does one thing.
func (n *newsroom) act() {
	n.Advance(time.Duration(1+n.random.IntN(50)) * time.Second)
	switch n.random.IntN(17) {
	case 0, 1, 2:
		n.write()
	case 3, 4:
		n.edit()
	case 5, 6:
		n.publish()
	case 7:
		_, err := n.articles.Unpublish(system, article.UnpublishInput{Article: n.one(n.article)})
		n.try(err)
	case 8:
		n.try(n.articles.Delete(system, n.one(n.article)))
	case 9:
		n.Advance(time.Duration(n.random.IntN(200)) * time.Second)
		n.need(n.articles.Due(system))
	case 10, 11:
		n.say()
	case 12:
		n.decide()
	case 13:
		n.move()
	case 14:
		n.rename()
	case 15:
		n.takeDown()
	default:
		n.addCategory()
		n.try(n.categories.Delete(system, n.one(n.category)))
	}
}

func (n *newsroom) write() {
	text := "第一段说养老。"
	in := article.CreateInput{Title: fmt.Sprintf("第%d篇", len(n.article)), Category: n.one(n.category), Publisher: &n.publisher[n.random.IntN(2)],
		Body: article.BodyInput{Markdown: &text}, CommentsOpen: true, Terminals: n.terminals(), Tags: []string{"养老"}}
	if n.random.IntN(2) == 0 {
		in.Region = &n.region[n.random.IntN(2)]
	}
	a, err := n.articles.Create(system, in)
	if n.try(err); err == nil {
		n.article = append(n.article, a.ID)
		_, err = n.articles.Publish(system, article.PublishInput{Article: a.ID})
		n.try(err)
	}
}

func (n *newsroom) edit() {
	a, err := n.Client(system).Article.Get(system, n.one(n.article))
	if err != nil {
		return
	}
	in := article.UpdateInput{Article: a.ID, Version: a.Version}
	switch n.random.IntN(4) {
	case 0:
		in.Category = new(n.one(n.category))
	case 1:
		in.Region = new(append(n.region, "")[n.random.IntN(3)])
	case 2:
		in.Terminals = n.terminals()
	default:
		in.Title = new(fmt.Sprintf("改过的标题%d", n.random.IntN(1000)))
	}
	_, err = n.articles.Update(system, in)
	n.try(err)
}

func (n *newsroom) publish() {
	in, now := article.PublishInput{Article: n.one(n.article)}, n.Clock()
	if n.random.IntN(2) == 0 {
		in.At = new(now.Add(time.Duration(n.random.IntN(100)-20) * time.Second))
	}
	if n.random.IntN(2) == 0 {
		in.ExpiresAt = new(now.Add(time.Duration(90+n.random.IntN(200)) * time.Second))
	}
	_, err := n.articles.Publish(system, in)
	n.try(err)
}

func (n *newsroom) say() {
	n.said++
	c, err := n.comments.Add(system, comment.AddInput{Article: n.one(n.article), Text: fmt.Sprintf("第%d条评论", n.said)})
	if n.try(err); err == nil {
		n.comment = append(n.comment, c.ID)
		_, err = n.comments.Moderate(system, comment.ModerateInput{Comment: c.ID, Status: entcomment.StatusAPPROVED})
		n.try(err)
	}
}

func (n *newsroom) decide() {
	status := []entcomment.Status{entcomment.StatusAPPROVED, entcomment.StatusREJECTED, entcomment.StatusPENDING}[n.random.IntN(3)]
	_, err := n.comments.Moderate(system, comment.ModerateInput{Comment: n.one(n.comment), Status: status})
	n.try(err)
}

func (n *newsroom) move() {
	in := category.UpdateInput{Category: n.one(n.category), Parent: new("")}
	if n.random.IntN(3) > 0 {
		in.Parent = new(n.one(n.category))
	}
	_, err := n.categories.Update(system, in)
	n.try(err)
}

// takeDown takes an article or a comment down, or puts back what is down.
func (n *newsroom) takeDown() {
	for id, before := range n.down {
		delete(n.down, id)
		if gid.Is(gid.Comment, id) {
			if there, err := n.Client(system).Comment.Query().Where(entcomment.ID(id)).Exist(system); err != nil || !there {
				n.need(err)
				return // it went with its article
			}
		}
		n.try(n.Tx(system, func(ctx context.Context, c *ent.Client) error {
			return n.target(id).Show(ctx, c, id, before, "查无实据")
		}))
		return
	}
	id := n.one(append(n.article, n.comment...))
	n.try(n.Tx(system, func(ctx context.Context, c *ent.Client) (err error) {
		n.down[id], err = n.target(id).Hide(ctx, c, id, "侵权")
		if err != nil {
			delete(n.down, id)
		}
		return err
	}))
}

func (n *newsroom) target(id string) measure.Target {
	if gid.Is(gid.Comment, id) {
		return n.comments
	}
	return n.articles
}

func (n *newsroom) rename() {
	name := fmt.Sprintf("新名字%d", n.random.IntN(1000))
	_, err := n.categories.Update(system, category.UpdateInput{Category: n.one(n.category), Name: &name})
	n.try(err)
	_, err = n.publishers.Update(system, publisher.UpdateInput{Publisher: n.one(n.publisher), Name: &name, Public: new(n.random.IntN(2) == 0)})
	n.try(err)
	_, err = n.regions.Update(system, region.UpdateInput{Region: n.one(n.region), Name: &name})
	n.try(err)
}

// view is what the server shows of an item, by its id, as the change log writes it.
func (n *newsroom) view(ctx context.Context, f changes.Filter) map[string]string {
	n.t.Helper()
	c, v := n.Client(ctx), view{newsroom: n, filter: f, items: map[string]string{}, parents: map[string]string{}}
	categories, err := c.Category.Query().All(ctx)
	n.need(err)
	for _, row := range categories {
		if row.ParentID != nil {
			v.parents[row.ID] = *row.ParentID
		}
		v.add(changes.OfCategory(changes.Created, row, nil))
	}
	publishers, err := c.Publisher.Query().All(system)
	n.need(err)
	for _, row := range publishers {
		v.add(changes.OfPublisher(changes.Created, row))
	}
	regions, err := c.Region.Query().All(ctx)
	n.need(err)
	for _, row := range regions {
		v.add(changes.OfRegion(changes.Created, row))
	}
	articles, err := c.Article.Query().All(ctx)
	n.need(err)
	shown := map[string]bool{}
	for _, row := range articles {
		if shown[row.ID] = v.holds(row); shown[row.ID] {
			doc, err := c.Body.Get(ctx, row.ID)
			n.need(err)
			r, err := article.RecordOf(row, doc)
			n.need(err)
			v.add(changes.Entry{Type: "Article", ID: row.ID, Item: r.Frozen()})
		}
	}
	comments, err := c.Comment.Query().All(ctx)
	n.need(err)
	for _, row := range comments {
		if shown[row.ArticleID] {
			v.add(changes.OfComment(changes.Created, row, 1))
		}
	}
	return v.items
}
