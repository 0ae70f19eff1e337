package policy

import (
	"context"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/body"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/intercept"
	"github.com/tonggao/tonggao/ent/picture"
	"github.com/tonggao/tonggao/ent/predicate"
	"github.com/tonggao/tonggao/ent/revision"
	"github.com/tonggao/tonggao/ent/tagging"
	"github.com/tonggao/tonggao/ent/takedown"
	"github.com/tonggao/tonggao/ent/webhook"
	"github.com/tonggao/tonggao/ent/webhookattempt"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// registerReads adds to every query which rows its viewer may see.
func registerReads(c *ent.Client, clock instant.Clock) {
	c.Article.Intercept(intercept.TraverseArticle(func(ctx context.Context, q *ent.ArticleQuery) error {
		if p := visibleArticles(ctx, clock()); p != nil {
			q.Where(p)
		}
		return nil
	}))
	c.Category.Intercept(intercept.TraverseCategory(func(ctx context.Context, q *ent.CategoryQuery) error {
		if ts := named(ctx); ts != 0 {
			q.Where(shownCategories(ts))
		}
		return nil
	}))
	c.Body.Intercept(intercept.TraverseBody(func(ctx context.Context, q *ent.BodyQuery) error {
		if p := visibleArticles(ctx, clock()); p != nil {
			q.Where(ofVisibleArticle(body.FieldArticleID, p))
		}
		return nil
	}))
	c.Tagging.Intercept(intercept.TraverseTagging(func(ctx context.Context, q *ent.TaggingQuery) error {
		if p := visibleArticles(ctx, clock()); p != nil {
			q.Where(ofVisibleArticle(tagging.FieldArticleID, p))
		}
		return nil
	}))
	c.Revision.Intercept(intercept.TraverseRevision(func(ctx context.Context, q *ent.RevisionQuery) error {
		if ts := named(ctx); ts != 0 {
			q.Where(ofVisibleArticle(revision.FieldArticleID, ShownOn(ts)))
		}
		switch v := viewer.From(ctx); {
		case v.Is(staff...):
		case v.Is(viewer.Publisher) && v.Publisher != "":
			q.Where(ofVisibleArticle(revision.FieldArticleID, article.PublisherID(v.Publisher)))
		default:
			q.Where(nothing)
		}
		return nil
	}))
	c.Comment.Intercept(intercept.TraverseComment(func(ctx context.Context, q *ent.CommentQuery) error {
		visibleComments(ctx, clock(), q)
		return nil
	}))
	c.Report.Intercept(intercept.TraverseReport(onlyFor[*ent.ReportQuery](moderators...)))
	c.ReportEvent.Intercept(intercept.TraverseReportEvent(onlyFor[*ent.ReportEventQuery](moderators...)))
	c.Takedown.Intercept(intercept.TraverseTakedown(func(ctx context.Context, q *ent.TakedownQuery) error {
		switch v := viewer.From(ctx); {
		case v.Is(staff...):
		case v.Is(viewer.Publisher) && v.Publisher != "":
			q.Where(ofVisibleArticle(takedown.FieldItem, article.PublisherID(v.Publisher)))
		default:
			q.Where(nothing)
		}
		return nil
	}))
	c.Picture.Intercept(intercept.TraversePicture(func(ctx context.Context, q *ent.PictureQuery) error {
		switch v := viewer.From(ctx); {
		case v.Is(staff...):
		case v.Is(viewer.Publisher) && v.Publisher != "":
			q.Where(picture.PublisherID(v.Publisher))
		default:
			q.Where(nothing)
		}
		return nil
	}))
	c.PictureUse.Intercept(intercept.TraversePictureUse(onlyFor[*ent.PictureUseQuery](viewer.System)))
	c.Audit.Intercept(intercept.TraverseAudit(onlyFor[*ent.AuditQuery](viewer.Admin, viewer.System)))
	c.Webhook.Intercept(intercept.TraverseWebhook(func(ctx context.Context, q *ent.WebhookQuery) error {
		if p := visibleWebhooks(viewer.From(ctx)); p != nil {
			q.Where(p)
		}
		return nil
	}))
	c.WebhookAttempt.Intercept(intercept.TraverseWebhookAttempt(func(ctx context.Context, q *ent.WebhookAttemptQuery) error {
		if p := visibleWebhooks(viewer.From(ctx)); p != nil {
			q.Where(ofVisibleWebhook(p))
		}
		return nil
	}))
	c.ViewDay.Intercept(intercept.TraverseViewDay(onlyFor[*ent.ViewDayQuery](viewer.System)))
	c.Token.Intercept(intercept.TraverseToken(onlyFor[*ent.TokenQuery](viewer.System)))
	c.Tombstone.Intercept(intercept.TraverseTombstone(onlyFor[*ent.TombstoneQuery](viewer.System)))
	c.Setting.Intercept(intercept.TraverseSetting(onlyFor[*ent.SettingQuery](viewer.System)))
	c.Attachment.Intercept(intercept.TraverseAttachment(onlyFor[*ent.AttachmentQuery](viewer.System)))
	c.Alert.Intercept(intercept.TraverseAlert(onlyFor[*ent.AlertQuery](viewer.System)))
	c.Change.Intercept(intercept.TraverseChange(onlyFor[*ent.ChangeQuery](viewer.System)))
}

// onlyFor lets the roles see every row and all others none.
func onlyFor[Q interface{ Where(...P) Q }, P ~func(*sql.Selector)](roles ...viewer.Role) func(context.Context, Q) error {
	return func(ctx context.Context, q Q) error {
		if !viewer.From(ctx).Is(roles...) {
			q.Where(P(nothing))
		}
		return nil
	}
}

func nothing(s *sql.Selector) { s.Where(sql.False()) }

// named is the terminals that a request is for. The program itself is for none.
func named(ctx context.Context) terminal.Set {
	if viewer.From(ctx).Is(viewer.System) {
		return 0
	}
	return terminal.Named(ctx)
}

// visibleArticles is which articles the viewer may see at now, on the terminals
// that it named; nil means all.
func visibleArticles(ctx context.Context, now instant.Instant) predicate.Article {
	var see []predicate.Article
	switch v := viewer.From(ctx); {
	case v.Is(staff...):
	case v.Is(viewer.Publisher) && v.Publisher != "":
		see = append(see, article.Or(article.PublisherID(v.Publisher), public(now)))
	default:
		see = append(see, public(now))
	}
	if ts := named(ctx); ts != 0 {
		see = append(see, ShownOn(ts))
	}
	switch len(see) {
	case 0:
		return nil
	case 1:
		return see[0]
	}
	return article.And(see...)
}

// public is the articles that everybody may see. The unary plus keeps SQLite from
// choosing an index by these conditions, which nearly all articles meet, where
// the one by category or in the order of the list is the right one. PostgreSQL
// knows from its statistics. The articles whose time is over and that internal/content/article
// has not yet marked as expired are few, so a list of them is cheaper than to look
// at each article's time, which no index holds.
func public(now instant.Instant) predicate.Article {
	return func(s *sql.Selector) {
		id, status, listed, plus := s.C(article.FieldID), s.C(article.FieldStatus), s.C(article.FieldListedAt), ""
		if s.Dialect() == dialect.SQLite {
			plus = "+"
		}
		s.Where(sql.P(func(b *sql.Builder) {
			b.WriteString(plus).Ident(status).WriteString(" = 'PUBLISHED' AND " + plus).Ident(listed).WriteString(" <= ").Arg(int64(now))
			over(b, id, now)
		}))
	}
}

// over leaves out the articles whose time is over.
func over(b *sql.Builder, id string, now instant.Instant) {
	due := sql.Dialect(b.Dialect()).Table(article.Table).As("due")
	b.WriteString(" AND ").Ident(id).WriteString(" NOT IN (SELECT ").Ident(due.C(article.FieldID)).
		WriteString(" FROM ").Ident(article.Table).WriteString(" AS ").Ident("due").
		WriteString(" WHERE ").Ident(due.C(article.FieldNextAt)).WriteString(" <= ").Arg(int64(now)).
		WriteString(" AND ").Ident(due.C(article.FieldExpiresAt)).WriteString(" <= ").Arg(int64(now)).WriteByte(')')
}

// ofVisibleArticle keeps the rows whose article, named by column, satisfies p.
func ofVisibleArticle(column string, p predicate.Article) func(*sql.Selector) {
	return func(s *sql.Selector) {
		t := sql.Table(article.Table)
		articles := sql.Dialect(s.Dialect()).Select().From(t)
		articles.SelectExpr(sql.Raw("1"))
		p(articles)
		s.Where(sql.Exists(articles.Where(sql.ColumnsEQ(t.C(article.FieldID), s.C(column)))))
	}
}

func visibleComments(ctx context.Context, now instant.Instant, q *ent.CommentQuery) {
	if v := viewer.From(ctx); !v.Is(moderators...) {
		approved := comment.StatusEQ(comment.StatusAPPROVED)
		if v.Is(viewer.Reader) && v.TokenID != "" {
			approved = comment.Or(approved, comment.TokenID(v.TokenID))
		}
		q.Where(approved)
	}
	if p := visibleArticles(ctx, now); p != nil {
		q.Where(ofVisibleArticle(comment.FieldArticleID, p))
	}
}

// visibleWebhooks is which webhooks v may see; nil means all.
func visibleWebhooks(v viewer.Viewer) predicate.Webhook {
	switch {
	case v.Is(viewer.Admin, viewer.System):
		return nil
	case v.Is(viewer.Integrator) && v.TokenID != "":
		return webhook.TokenID(v.TokenID)
	default:
		return nothing
	}
}

// ofVisibleWebhook keeps the attempts whose webhook satisfies p.
func ofVisibleWebhook(p predicate.Webhook) predicate.WebhookAttempt {
	return func(s *sql.Selector) {
		t := sql.Table(webhook.Table)
		webhooks := sql.Dialect(s.Dialect()).Select().From(t)
		webhooks.SelectExpr(sql.Raw("1"))
		p(webhooks)
		s.Where(sql.Exists(webhooks.Where(sql.ColumnsEQ(t.C(webhook.FieldID), s.C(webhookattempt.FieldWebhookID)))))
	}
}
