package apptest

import (
	"context"
	"fmt"
	"time"

	"github.com/tonggao/tonggao/ent"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/content/publisher"
	"github.com/tonggao/tonggao/internal/content/region"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/sync/webhook"
)

// Category makes a category below parent, which may be nil.
func (p *Program) Category(name, slug string, parent *ent.Category) *ent.Category {
	p.t.Helper()
	in := category.CreateInput{Name: name, Slug: &slug}
	if parent != nil {
		in.Parent = &parent.ID
	}
	return must(p, func(ctx context.Context) (*ent.Category, error) { return p.Categories.Create(ctx, in) })
}

// Publisher makes a publisher.
func (p *Program) Publisher(name string, public bool) *ent.Publisher {
	p.t.Helper()
	return must(p, func(ctx context.Context) (*ent.Publisher, error) {
		return p.Publishers.Create(ctx, publisher.CreateInput{Name: name, Public: public})
	})
}

// Region makes a region.
func (p *Program) Region(name, slug string) *ent.Region {
	p.t.Helper()
	return must(p, func(ctx context.Context) (*ent.Region, error) {
		return p.Regions.Create(ctx, region.CreateInput{Name: name, Slug: &slug})
	})
}

// Draft writes a draft.
func (p *Program) Draft(in article.CreateInput) *ent.Article {
	p.t.Helper()
	if in.Body.HTML == nil && in.Body.Markdown == nil && in.Body.Document == nil {
		text := "正文:" + in.Title
		in.Body.Markdown = &text
	}
	in.CommentsOpen = true
	return must(p, func(ctx context.Context) (*ent.Article, error) { return p.Articles.Create(ctx, in) })
}

// Article writes an article and publishes it at a time.
func (p *Program) Article(in article.CreateInput, at instant.Instant) *ent.Article {
	p.t.Helper()
	draft := p.Draft(in)
	return must(p, func(ctx context.Context) (*ent.Article, error) {
		return p.Articles.Publish(ctx, article.PublishInput{Article: draft.ID, At: &at})
	})
}

// Comment writes a comment, and lets it be seen where approved.
func (p *Program) Comment(in comment.AddInput, approved bool) *ent.Comment {
	p.t.Helper()
	c := must(p, func(ctx context.Context) (*ent.Comment, error) { return p.Comments.Add(ctx, in) })
	if !approved {
		return c
	}
	return must(p, func(ctx context.Context) (*ent.Comment, error) {
		return p.Comments.Moderate(ctx, comment.ModerateInput{Comment: c.ID, Status: entcomment.StatusAPPROVED})
	})
}

// Many writes n articles, spread over categories and publishers, each with
// comments, an hour apart.
func (p *Program) Many(n, comments int, categories []*ent.Category, publishers []*ent.Publisher) []*ent.Article {
	p.t.Helper()
	list := make([]*ent.Article, n)
	for i := range list {
		list[i] = p.Article(article.CreateInput{
			Title: fmt.Sprintf("第%d篇:养老服务走进院子", i), Category: categories[i%len(categories)].ID,
			Publisher: &publishers[i%len(publishers)].ID, Tags: []string{"养老", fmt.Sprintf("标签%d", i%7)},
		}, p.Store.Clock().Add(-time.Duration(i)*time.Hour))
		for j := range comments {
			p.Comment(comment.AddInput{Article: list[i].ID, Text: fmt.Sprintf("第%d条评论", j)}, true)
		}
	}
	return list
}

// Webhook makes a webhook for whoever is in ctx, and pauses it: its receiver is
// nobody's.
func (p *Program) Webhook(ctx context.Context, name, url string) *ent.Webhook {
	p.t.Helper()
	w, _, err := p.Webhooks().Create(ctx, webhook.CreateInput{URL: url, Name: &name})
	if err == nil {
		active := false
		w, err = p.Webhooks().Update(ctx, webhook.UpdateInput{Webhook: w.ID, Active: &active})
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return w
}

func must[T any](p *Program, do func(context.Context) (T, error)) T {
	p.t.Helper()
	row, err := do(System())
	if err != nil {
		p.t.Fatal(err)
	}
	return row
}
