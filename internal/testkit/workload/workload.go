// Package newsroom does what people do to a portal, at random, from a seed: for
// tests that follow the change log.
package workload

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/content/publisher"
	"github.com/tonggao/tonggao/internal/content/region"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/moderation/takedown"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

var system = viewer.AsSystem(context.Background())

// Newsroom is the portal and the ids of what was made in it.
type Newsroom struct {
	*storetest.Store
	Random     *rand.Rand
	Log        *changefeed.Log
	Articles   *article.Service
	Categories *category.Service
	Publishers *publisher.Service
	Regions    *region.Service
	Comments   *comment.Service

	Article, Category, Publisher, Region, Comment []string // ids

	t    testing.TB
	said int
	down map[string]string // what is taken down, with its status before
}

// Open is a newsroom with a few places to file into.
func Open(t testing.TB, s *storetest.Store, seed uint64) *Newsroom {
	t.Helper()
	log := changefeed.New(s.Store)
	n := &Newsroom{Store: s, down: map[string]string{}, t: t, Random: rand.New(rand.NewPCG(seed, 4)), Log: log, Categories: category.New(s.Store, log),
		Publishers: publisher.New(s.Store, log), Regions: region.New(s.Store, log), Comments: comment.New(comment.Options{Store: s.Store, Log: log, Audit: audit.New(s.Store), Region: where})}
	n.Articles = article.New(article.Options{Store: s.Store, Log: log, Categories: n.Categories, Region: where})
	for i := range 2 {
		p, err := n.Publishers.Create(system, publisher.CreateInput{Name: fmt.Sprintf("林小满%d", i), Public: i == 0})
		n.Need(err)
		r, err := n.Regions.Create(system, region.CreateInput{Name: fmt.Sprintf("临澜市%d", i)})
		n.Need(err)
		n.Publisher, n.Region = append(n.Publisher, p.ID), append(n.Region, r.ID)
	}
	for range 4 {
		n.AddCategory()
	}
	return n
}

// Need ends the test where something went wrong.
func (n *Newsroom) Need(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}

// try is for what chance may make impossible: an answer that says so is fine.
func (n *Newsroom) try(err error) {
	n.t.Helper()
	if err != nil && fault.CodeOf(err) == fault.Internal {
		n.t.Fatal(err)
	}
}

func (n *Newsroom) one(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return ids[n.Random.IntN(len(ids))]
}

// AddCategory makes one, mostly below another.
func (n *Newsroom) AddCategory() {
	in := category.CreateInput{Name: fmt.Sprintf("栏目%d", len(n.Category))}
	if parent := n.one(n.Category); parent != "" && n.Random.IntN(4) > 0 {
		in.Parent = &parent
	}
	c, err := n.Categories.Create(system, in)
	if n.try(err); err == nil {
		n.Category = append(n.Category, c.ID)
	}
}

func (n *Newsroom) terminals() []terminal.Terminal {
	return [][]terminal.Terminal{{terminal.Web}, {terminal.App, terminal.Web}, {terminal.App}}[n.Random.IntN(3)]
}

// Act does one thing.
func (n *Newsroom) Act() {
	n.Advance(time.Duration(1+n.Random.IntN(50)) * time.Second)
	switch n.Random.IntN(20) {
	case 0, 1, 2:
		n.Write()
	case 3, 4:
		n.edit()
	case 5, 6:
		n.publish()
	case 7:
		_, err := n.Articles.Unpublish(system, article.UnpublishInput{Article: n.one(n.Article)})
		n.try(err)
	case 8:
		n.try(n.Articles.Delete(system, n.one(n.Article)))
	case 9:
		n.Advance(time.Duration(n.Random.IntN(200)) * time.Second)
		n.Need(n.Articles.LogDue(system))
	case 10, 11, 17, 18, 19:
		n.say()
	case 12:
		n.decide()
	case 13:
		n.move()
	case 14:
		n.rename()
	case 15:
		n.TakeDown()
	default:
		n.AddCategory()
		n.try(n.Categories.Delete(system, n.one(n.Category)))
	}
}

// Write publishes a new article.
func (n *Newsroom) Write() {
	text := "第一段说养老。"
	in := article.CreateInput{Title: fmt.Sprintf("第%d篇", len(n.Article)), Category: n.one(n.Category), Publisher: &n.Publisher[n.Random.IntN(2)],
		Body: article.BodyInput{Markdown: &text}, CommentsOpen: true, Terminals: n.terminals(), Tags: []string{"养老"}}
	if n.Random.IntN(2) == 0 {
		in.Region = &n.Region[n.Random.IntN(2)]
	}
	a, err := n.Articles.Create(system, in)
	if n.try(err); err == nil {
		n.Article = append(n.Article, a.ID)
		_, err = n.Articles.Publish(system, article.PublishInput{Article: a.ID})
		n.try(err)
	}
}

func (n *Newsroom) edit() {
	a, err := n.Client(system).Article.Get(system, n.one(n.Article))
	if err != nil {
		return
	}
	in := article.UpdateInput{Article: a.ID, Version: a.Version}
	switch n.Random.IntN(4) {
	case 0:
		in.Category = new(n.one(n.Category))
	case 1:
		in.Region = new(append(n.Region, "")[n.Random.IntN(3)])
	case 2:
		in.Terminals = n.terminals()
	default:
		in.Title = new(fmt.Sprintf("改过的标题%d", n.Random.IntN(1000)))
	}
	_, err = n.Articles.Update(system, in)
	n.try(err)
}

func (n *Newsroom) publish() {
	in, now := article.PublishInput{Article: n.one(n.Article)}, n.Clock()
	if n.Random.IntN(2) == 0 {
		in.At = new(now.Add(time.Duration(n.Random.IntN(100)-20) * time.Second))
	}
	if n.Random.IntN(2) == 0 {
		in.ExpiresAt = new(now.Add(time.Duration(90+n.Random.IntN(200)) * time.Second))
	}
	_, err := n.Articles.Publish(system, in)
	n.try(err)
}

func (n *Newsroom) say() {
	n.said++
	in := comment.AddInput{Article: n.one(n.Article), Text: fmt.Sprintf("第%d条评论", n.said)}
	if parent, err := n.Client(system).Comment.Get(system, n.one(n.Comment)); err == nil && parent.ParentID == nil {
		in.Article, in.Parent = parent.ArticleID, &parent.ID
	}
	c, err := n.Comments.Add(system, in)
	if n.try(err); err == nil {
		n.Comment = append(n.Comment, c.ID)
		_, err = n.Comments.Moderate(system, comment.ModerateInput{Comment: c.ID, Status: entcomment.StatusAPPROVED})
		n.try(err)
	}
}

func (n *Newsroom) decide() {
	status := []entcomment.Status{entcomment.StatusAPPROVED, entcomment.StatusREJECTED, entcomment.StatusPENDING}[n.Random.IntN(3)]
	_, err := n.Comments.Moderate(system, comment.ModerateInput{Comment: n.one(n.Comment), Status: status})
	n.try(err)
}

func (n *Newsroom) move() {
	in := category.UpdateInput{Category: n.one(n.Category), Parent: new("")}
	if n.Random.IntN(3) > 0 {
		in.Parent = new(n.one(n.Category))
	}
	_, err := n.Categories.Update(system, in)
	n.try(err)
}

// TakeDown takes an article or a comment down, or puts back what is down.
func (n *Newsroom) TakeDown() {
	for id, before := range n.down {
		delete(n.down, id)
		if typeid.Is(typeid.Comment, id) {
			if there, err := n.Client(system).Comment.Query().Where(entcomment.ID(id)).Exist(system); err != nil || !there {
				n.Need(err)
				return // it went with its article
			}
		}
		n.try(n.Tx(system, func(ctx context.Context, c *ent.Client) error {
			return n.target(id).Restore(ctx, c, id, before, "查无实据")
		}))
		return
	}
	id := n.one(append(n.Article, n.Comment...))
	n.try(n.Tx(system, func(ctx context.Context, c *ent.Client) (err error) {
		n.down[id], err = n.target(id).TakeDown(ctx, c, id, "侵权")
		if err != nil {
			delete(n.down, id)
		}
		return err
	}))
}

func (n *Newsroom) target(id string) takedown.Target {
	if typeid.Is(typeid.Comment, id) {
		return n.Comments
	}
	return n.Articles
}

func (n *Newsroom) rename() {
	name := fmt.Sprintf("新名字%d", n.Random.IntN(1000))
	_, err := n.Categories.Update(system, category.UpdateInput{Category: n.one(n.Category), Name: &name})
	n.try(err)
	_, err = n.Publishers.Update(system, publisher.UpdateInput{Publisher: n.one(n.Publisher), Name: &name, Public: new(n.Random.IntN(2) == 0)})
	n.try(err)
	_, err = n.Regions.Update(system, region.UpdateInput{Region: n.one(n.Region), Name: &name})
	n.try(err)
}

// where is the region of everybody.
func where(string) string { return "河南" }
