package importer

import (
	"context"
	"errors"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/viewday"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/media"
	"github.com/tonggao/tonggao/internal/content/media/imaging"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/mediaurl"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/sync/archive"
)

func (r *run) putArticle(ctx context.Context, c *ent.Client, record article.Record) (article.Outcome, error) {
	var bad fault.Invalid
	if checkValues(&bad, record); record.ViewCount < 0 {
		bad.Add("INVALID", "viewCount", "must not be negative")
	}
	if err := bad.Err(); err != nil {
		return "", err
	}
	if err := r.appendLog(ctx, c); err != nil {
		return "", err
	}
	outcome, err := r.Articles.Put(ctx, record)
	if lacksReference(err) {
		return "", fmt.Errorf("%w: %w", errReference, err)
	}
	return outcome, err
}

// lacksReference reports whether all that is wrong with an article is that its category,
// publisher or region does not exist, which may be in a later line.
func lacksReference(err error) bool {
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

func (r *run) putRevision(ctx context.Context, c *ent.Client, t archive.Revision) (article.Outcome, error) {
	return upsert[archive.Revision, *ent.Revision]{
		kind: typeid.Revision, find: c.Revision.Get, line: archive.FromRevision,
		clean: func(bad *fault.Invalid, t *archive.Revision) {
			var content article.Content
			if err := archive.Read(t.Content, &content); err != nil {
				bad.Add("INVALID", "content", "%v", err)
			}
			checkValues(bad, content)
			cleanRecord(&t.Title, &t.SavedBy)
		},
		create: func(t archive.Revision) error {
			return c.Revision.Create().SetID(t.ID).SetArticleID(t.Article).SetVersion(t.Version).SetTitle(t.Title).
				SetContent(string(t.Content)).SetSavedBy(t.SavedBy).SetCreatedAt(t.CreatedAt).Exec(ctx)
		},
	}.put(ctx, t.ID, t)
}

// putPicture writes the row of a picture. The operator copies its files, with the folder
// or the bucket.
func (r *run) putPicture(ctx context.Context, c *ent.Client, t archive.Picture) (article.Outcome, error) {
	return upsert[archive.Picture, *ent.Picture]{
		kind: typeid.Picture, find: c.Picture.Get, line: archive.FromPicture,
		clean: func(bad *fault.Invalid, t *archive.Picture) {
			checkFiles(bad, *t)
			t.Alt = optional.String(input.Line(bad, "alt", string(t.Alt), 0, media.MaxAlt))
			cleanRecord(&t.UploadedBy)
		},
		create: func(t archive.Picture) error {
			return c.Picture.Create().SetID(t.ID).SetHash(t.Hash).SetAlt(t.Alt).SetAnimated(t.Animated).SetFiles(t.Files).
				SetPublisherID(t.Publisher).SetUploadedBy(t.UploadedBy).SetCreatedAt(t.CreatedAt).Exec(ctx)
		},
	}.put(ctx, t.ID, t)
}

// checkFiles adds to bad the files that no upload produces.
func checkFiles(bad *fault.Invalid, p archive.Picture) {
	if len(p.Files) == 0 {
		bad.Add("REQUIRED", "files", "must have the picture itself")
	}
	for _, f := range p.Files {
		name := mediaurl.Path(mediaurl.Name(p.Hash, f.Width, imaging.Type(f.Type).Extension()))
		if _, ok := mediaurl.NameOf(name); !ok || f.Height < 1 || f.Bytes < 1 || !imaging.Type(f.Type).Valid() {
			bad.Add("INVALID", "files", "%.60q is not a file of a picture", name)
			return
		}
	}
}

func (r *run) putViews(ctx context.Context, c *ent.Client, t archive.Views) (article.Outcome, error) {
	var bad fault.Invalid
	input.Instant(&bad, "day", instant.Instant(t.Day)*24*60*60*1_000_000)
	if checkValues(&bad, t); t.Views < 0 {
		bad.Add("INVALID", "views", "must not be negative")
	}
	if err := bad.Err(); err != nil {
		return "", err
	}
	old, err := c.ViewDay.Query().Where(viewday.ArticleID(t.Article), viewday.Day(t.Day)).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return article.Created, c.ViewDay.Create().SetArticleID(t.Article).SetDay(t.Day).SetViews(t.Views).Exec(ctx)
	case err != nil:
		return "", fmt.Errorf("read the views of %s: %w", t.Article, err)
	case old.Views == t.Views:
		return article.Unchanged, nil
	default:
		return article.Updated, c.ViewDay.UpdateOne(old).SetViews(t.Views).Exec(ctx)
	}
}
