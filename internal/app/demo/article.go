package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	entarticle "github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
)

const day = 24 * time.Hour

// A publishedArticle is one that readers see and comment on.
type publishedArticle struct {
	id string
	at instant.Instant
}

// unpublishedSlugs names two articles that were unpublished again.
var unpublishedSlugs = []string{"pay-for-people-not-things", "bird-watching-course"}

// article writes m, and returns nil if readers do not see it.
func (f *builder) article(ctx context.Context, m articleFile) (*publishedArticle, error) {
	at := f.now.Add(-m.age)
	created := min(at, f.now).Add(-time.Duration(20+f.random.IntN(300)) * time.Minute)
	r := article.Record{
		ID: f.ids.New(typeid.Article, created), Status: entarticle.StatusPUBLISHED, PublishedAt: &at,
		CreatedAt: created, UpdatedAt: min(at, f.now), Version: 1,
		Content: article.Content{
			Slug: m.slug, Title: m.title, Subtitle: optional.String(m.subtitle), Lead: optional.String(m.lead),
			Author: optional.String(byline(m.author)), SourceName: optional.String(m.source), SourceURL: optional.String(m.sourceURL),
			Cover: optional.String(cover(m.cover)), Tags: m.tags, AIGenerated: m.ai, Sponsored: m.ad, CommentsOpen: true,
			Terminals: terminal.All(), Category: f.categories[m.category], Region: optional.String(f.regions[m.region]),
			Publisher: f.publishers[m.publisher], Body: m.body,
		},
	}
	r.OriginAddress, r.IPRegion = f.address()
	visible := m.status == published
	switch {
	case m.status == draft:
		r.Status, r.PublishedAt = entarticle.StatusDRAFT, nil
	case slices.Contains(unpublishedSlugs, m.slug):
		r.Status, visible = entarticle.StatusUNPUBLISHED, false
	}
	if visible {
		r.ViewCount = f.views(m.age)
	}
	if _, err := f.articles.Put(ctx, r); err != nil {
		return nil, err
	}
	if !visible {
		return nil, nil
	}
	return &publishedArticle{r.ID, at}, f.viewDays(ctx, r)
}

// byline returns the author without the 文/ of printed pages; 匿名 is no author.
func byline(author string) string {
	author = strings.TrimPrefix(strings.TrimPrefix(author, "文/"), "文\uff0f")
	if author == "匿名" {
		return ""
	}
	return author
}

// address returns a random address from the ranges that RFC 5737 and RFC 3849 reserve
// for documentation, and a province for it.
func (f *builder) address() (string, optional.String) {
	host := 1 + f.random.IntN(254)
	switch f.random.IntN(4) {
	case 0:
		return fmt.Sprintf("192.0.2.%d", host), "河南"
	case 1:
		return fmt.Sprintf("198.51.100.%d", host), "浙江"
	case 2:
		return fmt.Sprintf("203.0.113.%d", host), "四川"
	default:
		return fmt.Sprintf("2001:db8:%x::%x", f.random.IntN(1<<16), host), "北京"
	}
}

// views returns a random number of views for an article of that age: most have few, some
// have many.
func (f *builder) views(age time.Duration) int64 {
	base := 12 + min(age.Hours(), 30*24)*0.9
	return int64(base * (0.3 + f.random.ExpFloat64()))
}

// viewDays spreads the newest of an article's views over the last days.
func (f *builder) viewDays(ctx context.Context, r article.Record) error {
	today := int(f.now.Time().Add(8*time.Hour).Unix() / int64(day/time.Second))
	for back := range 7 {
		if f.now.Add(-time.Duration(back)*day) < *r.PublishedAt && back > 0 {
			return nil
		}
		views := r.ViewCount / int64(8+back+f.random.IntN(20))
		if views == 0 {
			continue
		}
		if err := f.client.ViewDay.Create().SetArticleID(r.ID).SetDay(today - back).SetViews(views).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}
