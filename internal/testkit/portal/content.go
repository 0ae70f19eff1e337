package portal

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/change"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/content/publisher"
	"github.com/tonggao/tonggao/internal/content/region"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
)

// Category creates a category below parent, which may be nil.
func (p *Portal) Category(name, slug string, parent *ent.Category) *ent.Category {
	p.t.Helper()
	in := category.CreateInput{Name: name, Slug: &slug}
	if parent != nil {
		in.Parent = &parent.ID
	}
	return must(p, func(ctx context.Context) (*ent.Category, error) { return p.Categories.Create(ctx, in) })
}

// Publisher creates a publisher.
func (p *Portal) Publisher(name string, public bool) *ent.Publisher {
	p.t.Helper()
	return must(p, func(ctx context.Context) (*ent.Publisher, error) {
		return p.Publishers.Create(ctx, publisher.CreateInput{Name: name, Public: public})
	})
}

// Region creates a region.
func (p *Portal) Region(name, slug string) *ent.Region {
	p.t.Helper()
	return must(p, func(ctx context.Context) (*ent.Region, error) {
		return p.Regions.Create(ctx, region.CreateInput{Name: name, Slug: &slug})
	})
}

// Draft writes a draft that is open for comments. Title, category, publisher and body have
// defaults.
func (p *Portal) Draft(in article.CreateInput) *ent.Article {
	p.t.Helper()
	in.Title = cmp.Or(in.Title, defaultTitle)
	if in.Category == "" {
		in.Category = p.defaultCategory()
	}
	if in.Publisher == nil {
		in.Publisher = new(p.defaultPublisher())
	}
	if in.Body.HTML == nil && in.Body.Markdown == nil && in.Body.Document == nil {
		in.Body.Markdown = new("正文：" + in.Title)
	}
	in.CommentsOpen = true
	return must(p, func(ctx context.Context) (*ent.Article, error) { return p.Articles.Create(ctx, in) })
}

// Article writes an article, as Draft does, and publishes it as of a time.
func (p *Portal) Article(in article.CreateInput, at instant.Instant) *ent.Article {
	p.t.Helper()
	draft := p.Draft(in)
	return must(p, func(ctx context.Context) (*ent.Article, error) {
		return p.Articles.Publish(ctx, article.PublishInput{Article: draft.ID, At: &at})
	})
}

// Many writes n articles, an hour apart, in turn in the categories and from the
// publishers, each with comments that are approved.
func (p *Portal) Many(n, comments int, categories []*ent.Category, publishers []*ent.Publisher) []*ent.Article {
	p.t.Helper()
	list := make([]*ent.Article, n)
	for i := range list {
		list[i] = p.Article(article.CreateInput{
			Title: fmt.Sprintf("第%d篇:养老服务走进院子", i), Category: categories[i%len(categories)].ID,
			Publisher: &publishers[i%len(publishers)].ID, Tags: []string{"养老", fmt.Sprintf("标签%d", i%7)},
		}, p.Clock().Add(-time.Duration(i)*time.Hour))
		for j := range comments {
			p.Comment(comment.AddInput{Article: list[i].ID, Text: fmt.Sprintf("第%d条评论", j)}, true)
		}
	}
	return list
}

// Comment adds a comment, and approves it where approved.
func (p *Portal) Comment(in comment.AddInput, approved bool) *ent.Comment {
	p.t.Helper()
	in.Text = cmp.Or(in.Text, "饭菜软烂，老人吃得下。")
	c := must(p, func(ctx context.Context) (*ent.Comment, error) { return p.Comments.Add(ctx, in) })
	if !approved {
		return c
	}
	return must(p, func(ctx context.Context) (*ent.Comment, error) {
		return p.Comments.Moderate(ctx, comment.ModerateInput{Comment: c.ID, Status: entcomment.StatusAPPROVED})
	})
}

// NewArticle returns the statement that inserts the row of an article with a status, listed
// now; the functions set what matters to the test, everything else that is required has
// defaults. No service takes part: there is no body, nothing in the change feed, and search
// does not find the article. It can be called concurrently.
func (p *Portal) NewArticle(status entarticle.Status, change ...func(*ent.ArticleCreate)) *ent.ArticleCreate {
	p.t.Helper()
	p.Advance(time.Millisecond) // so that ids are in order
	now := p.Clock()
	id := typeid.New(typeid.Article, now)
	c := p.Client(System()).Article.Create().SetID(id).SetSlug(id).SetTitle(defaultTitle).SetStatus(status).
		SetListedAt(now).SetPublishedAt(now).SetCreatedAt(now).SetUpdatedAt(now).SetSearchSlot(int64(now))
	for _, f := range change {
		f(c)
	}
	if _, ok := c.Mutation().CategoryID(); !ok {
		c.SetCategoryID(p.defaultCategory())
	}
	if _, ok := c.Mutation().PublisherID(); !ok {
		c.SetPublisherID(p.defaultPublisher())
	}
	return c
}

// defaultTitle is the title of articles that name none.
const defaultTitle = "溪口镇新开一家社区食堂"

// defaultCategory returns the category of articles that name none. It is a row alone, so
// that it appears in no change feed.
func (p *Portal) defaultCategory() string {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.category == "" {
		now := p.Clock()
		p.category = typeid.New(typeid.Category, now)
		p.Must(p.Client(System()).Category.Create().SetID(p.category).SetSlug("hangye").SetName("行业动态").SetCreatedAt(now).SetUpdatedAt(now).Exec(System()))
	}
	return p.category
}

// defaultPublisher returns the publisher of articles that name none, a row alone.
func (p *Portal) defaultPublisher() string {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.publisher == "" {
		now := p.Clock()
		p.publisher = typeid.New(typeid.Publisher, now)
		p.Must(p.Client(System()).Publisher.Create().SetID(p.publisher).SetName("青禾社区").SetCreatedAt(now).SetUpdatedAt(now).Exec(System()))
	}
	return p.publisher
}

// Changes returns the entries of the change feed about an item, the oldest first.
func (p *Portal) Changes(item string) []*ent.Change {
	p.t.Helper()
	return must(p, func(ctx context.Context) ([]*ent.Change, error) {
		return p.Client(ctx).Change.Query().Where(change.ItemID(item)).Order(ent.Asc(change.FieldID)).All(ctx)
	})
}

// Entries formats entries of the change feed, one a line: the kind and the item as of the
// change, without its times.
func Entries(changes []*ent.Change) string {
	lines := make([]string, len(changes))
	for i, c := range changes {
		item, times, _ := strings.Cut(c.Payload, `,"createdAt":`)
		if times != "" {
			item += "}"
		}
		lines[i] = strings.TrimSpace(c.Kind + " " + item)
	}
	return strings.Join(lines, "\n")
}

// must runs do as the system and ends the test where it fails.
func must[T any](p *Portal, do func(context.Context) (T, error)) T {
	p.t.Helper()
	row, err := do(System())
	p.Must(err)
	return row
}
