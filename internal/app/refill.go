package app

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/category"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/publisher"
	"github.com/tonggao/tonggao/ent/region"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/store/setting"
)

// refilled names the setting that says that the change log knows everything there
// is. A database from before the log had places has none.
const refilled = "changes_complete"

// refillBatch is how many things are logged in one transaction.
const refillBatch = 200

// Refill logs what the change log does not know yet, once: what older versions
// wrote. It may be interrupted and run by several programs at once.
func (h *Services) Refill(ctx context.Context) error {
	ctx = viewer.AsSystem(ctx)
	c := h.Store.Client(ctx)
	if _, done, err := setting.Get(ctx, c, refilled); err != nil || done {
		return err
	}
	for _, kind := range []func(context.Context, *ent.Client, string) ([]changefeed.Entry, string, error){
		oldRegions, oldPublishers, oldCategories, h.oldArticles, oldComments,
	} {
		for after, more := "", true; more; {
			err := h.Store.Tx(ctx, func(ctx context.Context, c *ent.Client) (err error) {
				if err = h.Log.Lock(ctx, c); err != nil {
					return err
				}
				last := ""
				entries, last, err := kind(ctx, c, after)
				if more, after = last != "", last; err != nil || len(entries) == 0 {
					return err
				}
				return h.Log.AppendNew(ctx, c, entries...)
			})
			if err != nil {
				return fmt.Errorf("log what older versions wrote: %w", err)
			}
		}
	}
	return setting.Put(ctx, c, refilled, "1")
}

// entriesOf makes entries of rows and names the last row's id, if there may be more.
func entriesOf[T any](rows []T, err error, id func(T) string, entry func(T) changefeed.Entry) ([]changefeed.Entry, string, error) {
	last, entries := "", make([]changefeed.Entry, len(rows))
	for i, row := range rows {
		entries[i] = entry(row)
	}
	if len(rows) == refillBatch {
		last = id(rows[len(rows)-1])
	}
	return entries, last, err
}

func oldRegions(ctx context.Context, c *ent.Client, after string) ([]changefeed.Entry, string, error) {
	rows, err := c.Region.Query().Where(region.IDGT(after)).Order(region.ByID()).Limit(refillBatch).All(ctx)
	return entriesOf(rows, err, func(r *ent.Region) string { return r.ID },
		func(r *ent.Region) changefeed.Entry { return changefeed.RegionEntry(changefeed.Created, r) })
}

func oldPublishers(ctx context.Context, c *ent.Client, after string) ([]changefeed.Entry, string, error) {
	rows, err := c.Publisher.Query().Where(publisher.IDGT(after)).Order(publisher.ByID()).Limit(refillBatch).All(ctx)
	return entriesOf(rows, err, func(p *ent.Publisher) string { return p.ID },
		func(p *ent.Publisher) changefeed.Entry { return changefeed.PublisherEntry(changefeed.Created, p) })
}

func oldCategories(ctx context.Context, c *ent.Client, after string) ([]changefeed.Entry, string, error) {
	rows, err := c.Category.Query().Where(category.IDGT(after)).Order(category.ByID()).Limit(refillBatch).All(ctx)
	return entriesOf(rows, err, func(g *ent.Category) string { return g.ID },
		func(g *ent.Category) changefeed.Entry { return changefeed.CategoryEntry(changefeed.Created, g, nil) })
}

func oldComments(ctx context.Context, c *ent.Client, after string) ([]changefeed.Entry, string, error) {
	rows, err := c.Comment.Query().Where(comment.IDGT(after), comment.StatusEQ(comment.StatusAPPROVED)).
		Order(comment.ByID()).Limit(refillBatch).All(ctx)
	return entriesOf(rows, err, func(s *ent.Comment) string { return s.ID },
		func(s *ent.Comment) changefeed.Entry { return changefeed.CommentEntry(changefeed.Created, s, 1) })
}

func (h *Services) oldArticles(ctx context.Context, c *ent.Client, after string) ([]changefeed.Entry, string, error) {
	now := h.Store.Clock()
	rows, err := c.Article.Query().Where(entarticle.IDGT(after), policy.PublicNow(now)).
		WithBody().Order(entarticle.ByID()).Limit(refillBatch).All(ctx)
	var broken error
	entries, last, err := entriesOf(rows, err, func(a *ent.Article) string { return a.ID }, func(a *ent.Article) changefeed.Entry {
		r, err := article.RecordOf(a, a.Edges.Body)
		if err != nil {
			broken = err
		}
		return changefeed.Entry{Kind: changefeed.Created, Type: "Article", ID: a.ID, Version: a.Version, Item: r.Frozen(), Place: changefeed.PlacementOf(a)}
	})
	if err == nil {
		err = broken
	}
	return entries, last, err
}
