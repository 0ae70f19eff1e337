package importer

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/change"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/sync/archive"
)

func (r *run) putComment(ctx context.Context, c *ent.Client, t archive.Comment) (article.Outcome, error) {
	return upsert[archive.Comment, *ent.Comment]{
		kind: typeid.Comment, find: c.Comment.Get, line: archive.FromComment, clean: cleanComment,
		fixed: func(t archive.Comment) any {
			t.Author, t.Text, t.Status, t.Reason, t.UpdatedAt, t.Found, t.EditedAt = "", "", "", "", 0, "", nil
			return t
		},
		check: func(old *archive.Comment, t archive.Comment) error {
			if old != nil || t.Parent == "" {
				return nil
			}
			return checkParentComment(ctx, c, t)
		},
		create: func(t archive.Comment) error {
			r.commented[t.Article] = true
			return c.Comment.Create().SetID(t.ID).SetArticleID(t.Article).SetNillableParentID(orNil(t.Parent)).SetAuthor(t.Author).
				SetText(t.Text).SetStatus(t.Status).SetReason(t.Reason).SetCreatedAt(t.CreatedAt).SetUpdatedAt(t.UpdatedAt).
				SetNillableQuoteID(orNil(t.Quote)).SetFound(t.Found).SetNillableEditedAt(t.EditedAt).
				SetOriginAddress(t.OriginAddress).SetIPRegion(t.IPRegion).SetTokenID(t.Token).Exec(ctx)
		},
		update: func(t archive.Comment) error {
			r.commented[t.Article] = true
			return c.Comment.UpdateOneID(t.ID).SetAuthor(t.Author).SetText(t.Text).SetStatus(t.Status).SetReason(t.Reason).
				SetFound(t.Found).SetNillableEditedAt(t.EditedAt).SetUpdatedAt(t.UpdatedAt).Exec(ctx)
		},
		log: func(old *archive.Comment, t archive.Comment) error { return r.logComment(ctx, c, old, t) },
	}.put(ctx, t.ID, t)
}

func cleanComment(bad *fault.Invalid, t *archive.Comment) {
	t.Text, t.Author = comment.Check(bad, t.Text, t.Author)
	cleanRecord(&t.Reason)
	if entcomment.StatusValidator(t.Status) != nil {
		bad.Add("INVALID", "status", "%.40q is not the status of a comment", t.Status)
	}
}

func checkParentComment(ctx context.Context, c *ent.Client, t archive.Comment) error {
	parent, err := c.Comment.Get(ctx, string(t.Parent))
	switch {
	case ent.IsNotFound(err):
		return errReference
	case err != nil:
		return fmt.Errorf("read the parent of a comment: %w", err)
	case parent.ArticleID != t.Article:
		return fault.New(fault.BadUserInput, "parent: it is a comment on another article")
	}
	return nil
}

// logComment appends to the change feed what readers notice of a comment, as the decision
// of a moderator does.
func (r *run) logComment(ctx context.Context, c *ent.Client, old *archive.Comment, t archive.Comment) error {
	wasVisible, visible := old != nil && old.Status == entcomment.StatusAPPROVED, t.Status == entcomment.StatusAPPROVED
	if !wasVisible && !visible {
		return nil
	}
	kind, version := changefeed.Created, 1
	if old != nil {
		last, err := c.Change.Query().Where(change.ItemID(t.ID)).Order(ent.Desc(change.FieldID)).Select(change.FieldVersion).First(ctx)
		if err != nil && !ent.IsNotFound(err) {
			return fmt.Errorf("read the last change of %s: %w", t.ID, err)
		}
		if last != nil {
			kind, version = changefeed.Updated, last.Version+1
		}
	}
	if !visible {
		kind = changefeed.Deleted
	}
	r.log(changefeed.CommentEntry(kind, &ent.Comment{ID: t.ID, ArticleID: t.Article, ParentID: orNil(t.Parent), QuoteID: orNil(t.Quote),
		Author: t.Author, Text: t.Text, CreatedAt: t.CreatedAt}, version))
	return nil
}
