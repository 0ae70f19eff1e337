package policy

import (
	"context"

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

// filter selects rows of a table; a nil filter selects all.
type filter = func(*sql.Selector)

// rule returns the filter for a viewer's queries. The viewer is that of the context,
// ts are the terminals that the request names.
type rule func(v viewer.Viewer, ts terminal.Set) filter

// registerReads restricts every query to the rows that its viewer may see.
func registerReads(c *ent.Client, clock instant.Clock) {
	articles := func(v viewer.Viewer, ts terminal.Set) filter { return visibleArticles(v, ts, PublicNow(clock())) }
	c.Article.Intercept(intercept.TraverseArticle(restrict[*ent.ArticleQuery](articles)))
	c.Body.Intercept(intercept.TraverseBody(restrict[*ent.BodyQuery](byArticle(body.FieldArticleID, articles))))
	c.Tagging.Intercept(intercept.TraverseTagging(restrict[*ent.TaggingQuery](byArticle(tagging.FieldArticleID, articles))))
	c.Revision.Intercept(intercept.TraverseRevision(restrict[*ent.RevisionQuery](byArticle(revision.FieldArticleID, ownArticles))))
	c.Takedown.Intercept(intercept.TraverseTakedown(restrict[*ent.TakedownQuery](
		func(v viewer.Viewer, _ terminal.Set) filter { return byArticle(takedown.FieldItem, ownArticles)(v, 0) })))
	c.Comment.Intercept(intercept.TraverseComment(restrict[*ent.CommentQuery](func(v viewer.Viewer, ts terminal.Set) filter {
		return both(visibleComments(v), byArticle(comment.FieldArticleID, articles)(v, ts))
	})))
	c.Category.Intercept(intercept.TraverseCategory(restrict[*ent.CategoryQuery](
		func(_ viewer.Viewer, ts terminal.Set) filter { return shownCategories(ts) })))
	c.Picture.Intercept(intercept.TraversePicture(restrict[*ent.PictureQuery](ownPictures)))
	c.Webhook.Intercept(intercept.TraverseWebhook(restrict[*ent.WebhookQuery](ownWebhooks)))
	c.WebhookAttempt.Intercept(intercept.TraverseWebhookAttempt(restrict[*ent.WebhookAttemptQuery](byWebhook(ownWebhooks))))

	c.Report.Intercept(intercept.TraverseReport(restrict[*ent.ReportQuery](whole(ReadReports))))
	c.ReportEvent.Intercept(intercept.TraverseReportEvent(restrict[*ent.ReportEventQuery](whole(ReadReports))))
	c.Audit.Intercept(intercept.TraverseAudit(restrict[*ent.AuditQuery](whole(ReadAudit))))

	c.Alert.Intercept(intercept.TraverseAlert(restrict[*ent.AlertQuery](systemOnly)))
	c.Attachment.Intercept(intercept.TraverseAttachment(restrict[*ent.AttachmentQuery](systemOnly)))
	c.Change.Intercept(intercept.TraverseChange(restrict[*ent.ChangeQuery](systemOnly)))
	c.IdempotencyKey.Intercept(intercept.TraverseIdempotencyKey(restrict[*ent.IdempotencyKeyQuery](systemOnly)))
	c.ModerationBatch.Intercept(intercept.TraverseModerationBatch(restrict[*ent.ModerationBatchQuery](systemOnly)))
	c.PictureUse.Intercept(intercept.TraversePictureUse(restrict[*ent.PictureUseQuery](systemOnly)))
	c.Setting.Intercept(intercept.TraverseSetting(restrict[*ent.SettingQuery](systemOnly)))
	c.Token.Intercept(intercept.TraverseToken(restrict[*ent.TokenQuery](systemOnly)))
	c.Tombstone.Intercept(intercept.TraverseTombstone(restrict[*ent.TombstoneQuery](systemOnly)))
	c.ViewDay.Intercept(intercept.TraverseViewDay(restrict[*ent.ViewDayQuery](systemOnly)))
}

// restrict returns an interceptor function that adds the filter of r to a query.
func restrict[Q interface{ Where(...P) Q }, P ~func(*sql.Selector)](r rule) func(context.Context, Q) error {
	return func(ctx context.Context, q Q) error {
		v, ts := viewer.From(ctx), terminal.Named(ctx)
		if v.Is(viewer.System) {
			ts = 0 // the program itself serves no terminal
		}
		if f := r(v, ts); f != nil {
			q.Where(P(f))
		}
		return nil
	}
}

func none(s *sql.Selector) { s.Where(sql.False()) }

// both selects the rows that a and b select; either may be nil.
func both(a, b filter) filter {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return func(s *sql.Selector) {
		a(s)
		b(s)
	}
}

// whole shows a table to those who may do a.
func whole(a Action) rule {
	return func(v viewer.Viewer, _ terminal.Set) filter {
		if allows(v, a) {
			return nil
		}
		return none
	}
}

// systemOnly shows a table to the program itself.
func systemOnly(v viewer.Viewer, _ terminal.Set) filter {
	if v.Is(viewer.System) {
		return nil
	}
	return none
}

// visibleArticles selects the articles that v may see: a publisher its own and those that are
// public.
func visibleArticles(v viewer.Viewer, ts terminal.Set, public predicate.Article) filter {
	var f filter
	if !allows(v, ReadAllArticles) {
		f = public
		if own := publisherOf(v); own != "" {
			f = article.Or(article.PublisherID(own), public)
		}
	}
	return both(f, shownArticles(ts))
}

// LoggedArticles selects the articles that the viewer may see according to the change log,
// without the clock of this machine. The query runs as the program itself.
func LoggedArticles(ctx context.Context) predicate.Article {
	return func(s *sql.Selector) {
		if f := loggedArticles(viewer.From(ctx), terminal.Named(ctx)); f != nil {
			f(s)
		}
	}
}

func loggedArticles(v viewer.Viewer, ts terminal.Set) filter { return visibleArticles(v, ts, Logged()) }

// LoggedComments selects the comments that the viewer may see according to the change log.
// The query runs as the program itself.
func LoggedComments(ctx context.Context) predicate.Comment {
	return func(s *sql.Selector) {
		v := viewer.From(ctx)
		if f := both(visibleComments(v), byArticle(comment.FieldArticleID, loggedArticles)(v, terminal.Named(ctx))); f != nil {
			f(s)
		}
	}
}

// ownArticles selects the articles whose past v may see: a publisher that of its own.
func ownArticles(v viewer.Viewer, ts terminal.Set) filter {
	own := publisherOf(v)
	switch {
	case allows(v, ReadAllArticles):
		return shownArticles(ts)
	case own != "":
		return both(filter(article.PublisherID(own)), shownArticles(ts))
	}
	return none
}

// byArticle applies a rule about articles to the table whose column names an article.
func byArticle(column string, r rule) rule {
	return func(v viewer.Viewer, ts terminal.Set) filter {
		if f := r(v, ts); f != nil {
			return ofArticle(column, f)
		}
		return nil
	}
}

// visibleComments selects the comments that v may see, if it may see their articles: a
// reader its own and those that are approved.
func visibleComments(v viewer.Viewer) filter {
	switch {
	case allows(v, ReadAllComments):
		return nil
	case v.Is(viewer.Reader) && v.TokenID != "":
		return comment.Or(comment.StatusEQ(comment.StatusAPPROVED), comment.TokenID(v.TokenID))
	}
	return filter(comment.StatusEQ(comment.StatusAPPROVED))
}

// ownPictures selects the pictures that v may list: a publisher its own.
func ownPictures(v viewer.Viewer, _ terminal.Set) filter {
	own := publisherOf(v)
	switch {
	case allows(v, ReadAllArticles):
		return nil
	case own != "":
		return filter(picture.PublisherID(own))
	}
	return none
}

// ownWebhooks selects the webhooks that v may see: an integrator its own.
func ownWebhooks(v viewer.Viewer, _ terminal.Set) filter {
	switch {
	case allows(v, ReadAllWebhooks):
		return nil
	case allows(v, ManageWebhooks) && v.TokenID != "":
		return filter(webhook.TokenID(v.TokenID))
	}
	return none
}

// byWebhook applies a rule about webhooks to their attempts.
func byWebhook(r rule) rule {
	return func(v viewer.Viewer, ts terminal.Set) filter {
		f := r(v, ts)
		if f == nil {
			return nil
		}
		return func(s *sql.Selector) {
			t := sql.Table(webhook.Table)
			webhooks := sql.Dialect(s.Dialect()).Select().From(t)
			webhooks.SelectExpr(sql.Raw("1"))
			f(webhooks)
			s.Where(sql.Exists(webhooks.Where(sql.ColumnsEQ(t.C(webhook.FieldID), s.C(webhookattempt.FieldWebhookID)))))
		}
	}
}
