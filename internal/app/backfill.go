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
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/store/setting"
)

// backfilled names the setting that is present once the change log is complete. A database
// from before the log had placements has none.
const backfilled = "changes_complete"

// backfillBatch is the number of items that one transaction logs.
const backfillBatch = 200

// canonised names the setting that is present once the addresses of pictures in all articles
// have their canonical form.
const canonised = "picture_addresses_canonical"

// canoniseBatch is the number of articles that one transaction canonises.
const canoniseBatch = 50

// Backfill runs the data migrations, each once. It may be interrupted, and several programs
// may run it at once. It is long work: the program does not start without it.
func (s *Services) Backfill(ctx context.Context) error {
	ctx = store.LongWork(viewer.AsSystem(ctx))
	if err := s.canonisePictures(ctx); err != nil {
		return err
	}
	if err := s.Reports.HashReceipts(ctx); err != nil {
		return err
	}
	return s.backfillChanges(ctx)
}

// canonisePictures gives the addresses of pictures that older versions stored their canonical
// form: other spellings lead to nothing, and the pictures behind them were not recorded.
func (s *Services) canonisePictures(ctx context.Context) error {
	c := s.Store.Client(ctx)
	if _, done, err := setting.Get(ctx, c, canonised); err != nil || done {
		return err
	}
	for last, more := "", true; more; more = last != "" {
		err := s.Store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
			next, err := s.Articles.CanonisePictures(ctx, c, last, canoniseBatch)
			if err == nil {
				last = next
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("canonise the addresses of pictures: %w", err)
		}
	}
	return setting.Put(ctx, c, canonised, "1")
}

// backfillChanges appends items that older versions wrote and the change log lacks.
func (s *Services) backfillChanges(ctx context.Context) error {
	c := s.Store.Client(ctx)
	if _, done, err := setting.Get(ctx, c, backfilled); err != nil || done {
		return err
	}
	for _, kind := range []func(context.Context, *ent.Client, string) ([]changefeed.Entry, string, error){
		oldRegions, oldPublishers, oldCategories, s.oldArticles, oldComments,
	} {
		for after, more := "", true; more; {
			err := s.Store.Tx(ctx, func(ctx context.Context, c *ent.Client) (err error) {
				if err = s.Log.Lock(ctx, c); err != nil {
					return err
				}
				entries, last, err := kind(ctx, c, after)
				if err != nil {
					return err
				}
				if more, after = last != "", last; len(entries) == 0 {
					return nil
				}
				return s.Log.AppendNew(ctx, c, entries...)
			})
			if err != nil {
				return fmt.Errorf("backfill the change log: %w", err)
			}
		}
	}
	return setting.Put(ctx, c, backfilled, "1")
}

// entriesOf returns the entries of rows, and the ID of the last row if there may be more.
func entriesOf[T any](rows []T, err error, id func(T) string, entry func(T) changefeed.Entry) ([]changefeed.Entry, string, error) {
	if err != nil {
		return nil, "", err
	}
	last, entries := "", make([]changefeed.Entry, len(rows))
	for i, row := range rows {
		entries[i] = entry(row)
	}
	if len(rows) == backfillBatch {
		last = id(rows[len(rows)-1])
	}
	return entries, last, nil
}

func oldRegions(ctx context.Context, c *ent.Client, after string) ([]changefeed.Entry, string, error) {
	rows, err := c.Region.Query().Where(region.IDGT(after)).Order(region.ByID()).Limit(backfillBatch).All(ctx)
	return entriesOf(rows, err, func(r *ent.Region) string { return r.ID },
		func(r *ent.Region) changefeed.Entry { return changefeed.RegionEntry(changefeed.Created, r) })
}

func oldPublishers(ctx context.Context, c *ent.Client, after string) ([]changefeed.Entry, string, error) {
	rows, err := c.Publisher.Query().Where(publisher.IDGT(after)).Order(publisher.ByID()).Limit(backfillBatch).All(ctx)
	return entriesOf(rows, err, func(p *ent.Publisher) string { return p.ID },
		func(p *ent.Publisher) changefeed.Entry { return changefeed.PublisherEntry(changefeed.Created, p) })
}

func oldCategories(ctx context.Context, c *ent.Client, after string) ([]changefeed.Entry, string, error) {
	rows, err := c.Category.Query().Where(category.IDGT(after)).Order(category.ByID()).Limit(backfillBatch).All(ctx)
	return entriesOf(rows, err, func(g *ent.Category) string { return g.ID },
		func(g *ent.Category) changefeed.Entry { return changefeed.CategoryEntry(changefeed.Created, g, nil) })
}

func oldComments(ctx context.Context, c *ent.Client, after string) ([]changefeed.Entry, string, error) {
	rows, err := c.Comment.Query().Where(comment.IDGT(after), comment.StatusEQ(comment.StatusAPPROVED)).
		Order(comment.ByID()).Limit(backfillBatch).All(ctx)
	return entriesOf(rows, err, func(c *ent.Comment) string { return c.ID },
		func(c *ent.Comment) changefeed.Entry { return changefeed.CommentEntry(changefeed.Created, c, 1) })
}

func (s *Services) oldArticles(ctx context.Context, c *ent.Client, after string) ([]changefeed.Entry, string, error) {
	now := s.Store.Clock()
	rows, err := c.Article.Query().Where(entarticle.IDGT(after), policy.PublicNow(now)).
		WithBody().Order(entarticle.ByID()).Limit(backfillBatch).All(ctx)
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
