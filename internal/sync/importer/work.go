package importer

import (
	"context"
	"errors"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/viewday"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/sync/archive"
)

func (r *reading) putArticle(ctx context.Context, c *ent.Client, record article.Record) (article.Outcome, error) {
	if err := r.tell(ctx, c); err != nil {
		return "", err
	}
	outcome, err := r.articles.Put(ctx, record)
	if missing(err) {
		return "", fmt.Errorf("%w: %w", errOrphan, err)
	}
	return outcome, err
}

// missing reports whether all that is wrong with an article is that its category,
// publisher or region is not there, which may still come.
func missing(err error) bool {
	var bad fault.Invalid
	if !errors.As(err, &bad) {
		return false
	}
	for _, f := range bad {
		if f.Code != "UNKNOWN" {
			return false
		}
	}
	return true
}

func (r *reading) putRevision(ctx context.Context, c *ent.Client, is archive.Revision) (article.Outcome, error) {
	return upsert[archive.Revision, *ent.Revision]{
		kind: typeid.Revision, id: func(t archive.Revision) string { return t.ID }, find: c.Revision.Get, line: archive.FromRevision,
		check: func(was *archive.Revision, is archive.Revision) error {
			if was != nil { // a revision never changes
				return errFixed
			}
			var content article.Content
			if err := archive.Read(is.Content, &content); err != nil {
				return fmt.Errorf("content: %w", err)
			}
			return nil
		},
		create: func(t archive.Revision) error {
			return c.Revision.Create().SetID(t.ID).SetArticleID(t.Article).SetVersion(t.Version).SetTitle(t.Title).
				SetContent(string(t.Content)).SetSavedBy(t.SavedBy).SetCreatedAt(t.CreatedAt).Exec(ctx)
		},
	}.put(ctx, is)
}

func (r *reading) putViews(ctx context.Context, c *ent.Client, t archive.Views) (article.Outcome, error) {
	if t.Views < 0 {
		return "", fault.New(fault.BadUserInput, "views: must not be negative")
	}
	old, err := c.ViewDay.Query().Where(viewday.ArticleID(t.Article), viewday.Day(t.Day)).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return article.Created, c.ViewDay.Create().SetArticleID(t.Article).SetDay(t.Day).SetViews(t.Views).Exec(ctx)
	case err != nil || old.Views == t.Views:
		return article.Unchanged, err
	default:
		return article.Updated, c.ViewDay.UpdateOne(old).SetViews(t.Views).Exec(ctx)
	}
}
