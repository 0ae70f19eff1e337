package importer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/viewday"
	"github.com/tonggao/tonggao/internal/archive"
	"github.com/tonggao/tonggao/internal/article"
	"github.com/tonggao/tonggao/internal/changes"
	"github.com/tonggao/tonggao/internal/gid"
	"github.com/tonggao/tonggao/internal/site"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/terminal"
)

// errOrphan is what a line gets that refers to one that is not there.
var errOrphan = errors.New("it refers to something that is neither in the database nor in the archive")

// put writes one line.
func (r *reading) put(ctx context.Context, c *ent.Client, text []byte) (article.Outcome, error) {
	kind, err := archive.Type(text)
	if err != nil {
		return "", err
	}
	puts := map[string]func(context.Context, *ent.Client, []byte) (article.Outcome, error){
		archive.TypeSite: r.putSite, archive.TypeRegion: r.putRegion, archive.TypeCategory: r.putCategory,
		archive.TypePublisher: r.putPublisher, archive.TypeArticle: r.putArticle, archive.TypeRevision: r.putRevision,
		archive.TypeComment: r.putComment, archive.TypeReport: r.putReport, archive.TypeViews: r.putViews,
	}
	put, ok := puts[kind]
	if !ok {
		return "", fmt.Errorf("there is no type %.40q; an archive has Site, Region, Category, Publisher, Article, Revision, Comment, Report and Views", kind)
	}
	outcome, err := put(ctx, c, text)
	if store.IsReferenced(err) {
		return "", errOrphan
	}
	if store.IsUnique(err) {
		return "", fmt.Errorf("its slug, receipt or version belongs to something else here: %w", err)
	}
	return outcome, err
}

// upsert is how every kind of line is written: read it, look whether it is there,
// compare, then create or update.
type upsert[T, R any] struct {
	kind   gid.Kind
	id     func(T) string
	find   func(context.Context, string) (R, error)
	line   func(R) T
	create func(T) error
	update func(T) error
	entry  func(T) (changes.Entry, bool) // what readers notice of it
}

func write[T, R any](ctx context.Context, c *ent.Client, log *changes.Log, text []byte, u upsert[T, R]) (article.Outcome, error) {
	var thing T
	if err := archive.Read(text, &thing); err != nil {
		return "", err
	}
	if id := u.id(thing); !gid.Is(u.kind, id) {
		return "", fmt.Errorf("%.40q is not an id of its type", id)
	}
	outcome, kind, act := article.Updated, changes.Updated, u.update
	switch old, err := u.find(ctx, u.id(thing)); {
	case ent.IsNotFound(err):
		outcome, kind, act = article.Created, changes.Created, u.create
	case err != nil:
		return "", err
	case equal(u.line(old), thing):
		return article.Unchanged, nil
	}
	if err := act(thing); err != nil {
		return "", err
	}
	if entry, noticed := u.entry(thing); noticed {
		entry.Kind, entry.ID, entry.Item = kind, u.id(thing), thing
		return outcome, log.Append(ctx, c, entry)
	}
	return outcome, nil
}

func equal(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

func noticed[T any](name string) func(T) (changes.Entry, bool) {
	return func(T) (changes.Entry, bool) { return changes.Entry{Type: name}, true }
}

func unnoticed[T any](T) (changes.Entry, bool) { return changes.Entry{}, false }

func (r *reading) putSite(ctx context.Context, _ *ent.Client, text []byte) (article.Outcome, error) {
	var facts site.Facts
	if err := archive.Read(text, &facts); err != nil {
		return "", err
	}
	have, err := r.site.Get(ctx)
	if err != nil || equal(have, facts) {
		return article.Unchanged, err
	}
	return article.Updated, r.site.Put(ctx, facts)
}

func (r *reading) putRegion(ctx context.Context, c *ent.Client, text []byte) (article.Outcome, error) {
	return write(ctx, c, r.log, text, upsert[archive.Region, *ent.Region]{
		kind: gid.Region, id: func(t archive.Region) string { return t.ID }, find: c.Region.Get, line: archive.RegionOf,
		create: func(t archive.Region) error {
			return c.Region.Create().SetID(t.ID).SetSlug(t.Slug).SetName(t.Name).SetPosition(t.Position).
				SetCreatedAt(t.CreatedAt).SetUpdatedAt(t.UpdatedAt).Exec(ctx)
		},
		update: func(t archive.Region) error {
			return c.Region.UpdateOneID(t.ID).SetSlug(t.Slug).SetName(t.Name).SetPosition(t.Position).SetUpdatedAt(t.UpdatedAt).Exec(ctx)
		},
		entry: noticed[archive.Region]("Region"),
	})
}

func (r *reading) putCategory(ctx context.Context, c *ent.Client, text []byte) (article.Outcome, error) {
	return write(ctx, c, r.log, text, upsert[archive.Category, *ent.Category]{
		kind: gid.Category, id: func(t archive.Category) string { return t.ID }, find: c.Category.Get, line: archive.CategoryOf,
		create: func(t archive.Category) error {
			return c.Category.Create().SetID(t.ID).SetSlug(t.Slug).SetName(t.Name).SetPosition(t.Position).SetNillableParentID(orNil(string(t.Parent))).
				SetTerminals(terminal.SetOf(t.Terminals...)).SetCreatedAt(t.CreatedAt).SetUpdatedAt(t.UpdatedAt).Exec(ctx)
		},
		update: func(t archive.Category) error {
			u := c.Category.UpdateOneID(t.ID).SetSlug(t.Slug).SetName(t.Name).SetPosition(t.Position).
				SetTerminals(terminal.SetOf(t.Terminals...)).SetUpdatedAt(t.UpdatedAt)
			if t.Parent == "" {
				return u.ClearParentID().Exec(ctx)
			}
			return u.SetParentID(string(t.Parent)).Exec(ctx)
		},
		entry: noticed[archive.Category]("Category"),
	})
}

func (r *reading) putPublisher(ctx context.Context, c *ent.Client, text []byte) (article.Outcome, error) {
	return write(ctx, c, r.log, text, upsert[archive.Publisher, *ent.Publisher]{
		kind: gid.Publisher, id: func(t archive.Publisher) string { return t.ID }, find: c.Publisher.Get, line: archive.PublisherOf,
		create: func(t archive.Publisher) error {
			return c.Publisher.Create().SetID(t.ID).SetName(t.Name).SetPublic(t.Public).SetCreatedAt(t.CreatedAt).SetUpdatedAt(t.UpdatedAt).Exec(ctx)
		},
		update: func(t archive.Publisher) error {
			return c.Publisher.UpdateOneID(t.ID).SetName(t.Name).SetPublic(t.Public).SetUpdatedAt(t.UpdatedAt).Exec(ctx)
		},
		entry: noticed[archive.Publisher]("Publisher"),
	})
}

func (r *reading) putArticle(ctx context.Context, _ *ent.Client, text []byte) (article.Outcome, error) {
	var record article.Record
	if err := archive.Read(text, &record); err != nil {
		return "", err
	}
	return r.articles.Put(ctx, record)
}

func (r *reading) putRevision(ctx context.Context, c *ent.Client, text []byte) (article.Outcome, error) {
	return write(ctx, c, r.log, text, upsert[archive.Revision, *ent.Revision]{
		kind: gid.Revision, id: func(t archive.Revision) string { return t.ID }, find: c.Revision.Get, line: archive.RevisionOf,
		create: func(t archive.Revision) error {
			return c.Revision.Create().SetID(t.ID).SetArticleID(t.Article).SetVersion(t.Version).SetTitle(t.Title).
				SetContent(string(t.Content)).SetSavedBy(t.SavedBy).SetCreatedAt(t.CreatedAt).Exec(ctx)
		},
		update: func(archive.Revision) error {
			return errors.New("a revision never changes, and another one has its id here")
		},
		entry: unnoticed[archive.Revision],
	})
}

func (r *reading) putReport(ctx context.Context, c *ent.Client, text []byte) (article.Outcome, error) {
	return write(ctx, c, r.log, text, upsert[archive.Report, *ent.Report]{
		kind: gid.Report, id: func(t archive.Report) string { return t.ID }, find: c.Report.Get, line: archive.ReportOf,
		create: func(t archive.Report) error {
			return c.Report.Create().SetID(t.ID).SetKind(t.Kind).SetStatus(t.Status).SetTarget(t.Target).SetStatement(t.Statement).
				SetContact(t.Contact).SetReceipt(t.Receipt).SetReason(t.Reason).SetFiledAt(t.FiledAt).SetDueAt(t.DueAt).
				SetNillableDecidedAt(t.DecidedAt).SetOriginAddress(t.OriginAddress).Exec(ctx)
		},
		update: func(t archive.Report) error {
			u := c.Report.UpdateOneID(t.ID).SetStatus(t.Status).SetReason(t.Reason).SetDueAt(t.DueAt)
			if t.DecidedAt == nil {
				return u.ClearDecidedAt().Exec(ctx)
			}
			return u.SetDecidedAt(*t.DecidedAt).Exec(ctx)
		},
		entry: unnoticed[archive.Report],
	})
}

func (r *reading) putComment(ctx context.Context, c *ent.Client, text []byte) (article.Outcome, error) {
	return write(ctx, c, r.log, text, upsert[archive.Comment, *ent.Comment]{
		kind: gid.Comment, id: func(t archive.Comment) string { return t.ID }, find: c.Comment.Get, line: archive.CommentOf,
		create: func(t archive.Comment) error {
			err := c.Comment.Create().SetID(t.ID).SetArticleID(t.Article).SetNillableParentID(orNil(string(t.Parent))).SetAuthor(t.Author).
				SetText(t.Text).SetStatus(t.Status).SetReason(t.Reason).SetCreatedAt(t.CreatedAt).SetUpdatedAt(t.UpdatedAt).
				SetOriginAddress(t.OriginAddress).SetTokenID(t.Token).Exec(ctx)
			return errors.Join(err, recount(ctx, c, t, err))
		},
		update: func(t archive.Comment) error {
			err := c.Comment.UpdateOneID(t.ID).SetAuthor(t.Author).SetText(t.Text).SetStatus(t.Status).SetReason(t.Reason).
				SetUpdatedAt(t.UpdatedAt).Exec(ctx)
			return errors.Join(err, recount(ctx, c, t, err))
		},
		entry: func(t archive.Comment) (changes.Entry, bool) {
			return changes.Entry{Type: "Comment"}, t.Status == entcomment.StatusAPPROVED
		},
	})
}

// recount sets how many comments of an article are to be seen.
func recount(ctx context.Context, c *ent.Client, t archive.Comment, failed error) error {
	if failed != nil {
		return nil
	}
	n, err := c.Comment.Query().Where(entcomment.ArticleID(t.Article), entcomment.StatusEQ(entcomment.StatusAPPROVED)).Count(ctx)
	if err != nil {
		return err
	}
	return c.Article.Update().Where(entarticle.ID(t.Article), entarticle.CommentCountNEQ(n)).SetCommentCount(n).Exec(ctx)
}

func (r *reading) putViews(ctx context.Context, c *ent.Client, text []byte) (article.Outcome, error) {
	var t archive.Views
	if err := archive.Read(text, &t); err != nil {
		return "", err
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

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
