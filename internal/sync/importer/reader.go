package importer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/change"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/sync/archive"
)

// What readers wrote: comments and reports.

func (r *reading) putComment(ctx context.Context, c *ent.Client, is archive.Comment) (article.Outcome, error) {
	return upsert[archive.Comment, *ent.Comment]{
		kind: typeid.Comment, id: func(t archive.Comment) string { return t.ID }, find: c.Comment.Get, line: archive.FromComment,
		check: func(was *archive.Comment, is archive.Comment) error { return checkComment(ctx, c, was, is) },
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
		notice: func(was *archive.Comment, is archive.Comment) error { return r.noticeComment(ctx, c, was, is) },
	}.put(ctx, is)
}

func checkComment(ctx context.Context, c *ent.Client, was *archive.Comment, is archive.Comment) error {
	if was != nil {
		kept := is
		kept.Author, kept.Text, kept.Status, kept.Reason, kept.UpdatedAt = was.Author, was.Text, was.Status, was.Reason, was.UpdatedAt
		kept.Found, kept.EditedAt = was.Found, was.EditedAt
		if !equal(kept, *was) {
			return errFixed
		}
	}
	if entcomment.StatusValidator(is.Status) != nil {
		return fault.New(fault.BadUserInput, "status: %.40q is not the status of a comment", is.Status)
	}
	if err := errors.Join(checkText("text", is.Text, 1), checkText("author", string(is.Author), 0), checkText("reason", is.Reason, 0)); err != nil ||
		was != nil || is.Parent == "" {
		return err
	}
	parent, err := c.Comment.Get(ctx, string(is.Parent))
	switch {
	case ent.IsNotFound(err):
		return errOrphan
	case err == nil && parent.ArticleID != is.Article:
		return fault.New(fault.BadUserInput, "parent: the comment that is answered stands under another article")
	}
	return err
}

// noticeComment follows what becomes of a comment for readers, as a moderator's
// decision does.
func (r *reading) noticeComment(ctx context.Context, c *ent.Client, was *archive.Comment, is archive.Comment) error {
	seen := was != nil && was.Status == entcomment.StatusAPPROVED
	toBeSeen := is.Status == entcomment.StatusAPPROVED
	if !seen && !toBeSeen {
		return nil
	}
	kind, version := changefeed.Created, 1
	if was != nil {
		last, err := c.Change.Query().Where(change.ItemID(is.ID)).Order(ent.Desc(change.FieldID)).Select(change.FieldVersion).First(ctx)
		if err != nil && !ent.IsNotFound(err) {
			return fmt.Errorf("look for %s in the change log: %w", is.ID, err)
		}
		if last != nil {
			kind, version = changefeed.Updated, last.Version+1
		}
	}
	if !toBeSeen {
		kind = changefeed.Deleted
	}
	r.notice(changefeed.CommentEntry(kind, &ent.Comment{ID: is.ID, ArticleID: is.Article, ParentID: orNil(is.Parent), QuoteID: orNil(is.Quote),
		Author: is.Author, Text: is.Text, CreatedAt: is.CreatedAt}, version))
	return nil
}

// approved counts the comments to be seen under the articles that u updates.
func approved(u *sql.UpdateBuilder) {
	comments := sql.Dialect(u.Dialect()).Select().From(sql.Table(entcomment.Table))
	comments.SelectExpr(sql.Raw("COUNT(*)")).Where(sql.And(
		sql.ColumnsEQ(comments.C(entcomment.FieldArticleID), sql.Table(entarticle.Table).C(entarticle.FieldID)),
		sql.EQ(comments.C(entcomment.FieldStatus), entcomment.StatusAPPROVED),
	))
	u.Set(entarticle.FieldCommentCount, sql.ExprFunc(func(b *sql.Builder) {
		b.Wrap(func(b *sql.Builder) { b.Join(comments) })
	}))
}

// checkText keeps out what a terminal cannot show and PostgreSQL does not take.
func checkText(field, text string, least int) error {
	if len(strings.TrimSpace(text)) < least {
		return fault.New(fault.BadUserInput, "%s: must not be empty", field)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
		return fault.New(fault.BadUserInput, "%s: contains control characters; remove them", field)
	}
	return nil
}
