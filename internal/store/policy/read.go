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

// registerReads restricts every query to the rows that its viewer may see: of an entity
// without a rule, the program itself sees all and others see nothing.
func registerReads(c *ent.Client, clock instant.Clock) {
	rules := readRules(clock)
	c.Intercept(intercept.TraverseFunc(func(ctx context.Context, q intercept.Query) error {
		v, ts := viewer.From(ctx), terminal.Named(ctx)
		if v.Is(viewer.System) {
			ts = 0 // the program itself serves no terminal
		}
		r, ok := rules[q.Type()]
		if !ok {
			r = systemOnly
		}
		if f := r(v, ts); f != nil {
			q.WhereP(f)
		}
		return nil
	}))
}

// readRules returns the rule of each entity that others than the program itself may read.
func readRules(clock instant.Clock) map[string]rule {
	articles := func(v viewer.Viewer, ts terminal.Set) filter { return visibleArticles(v, ts, PublicNow(clock())) }
	return map[string]rule{
		ent.TypeArticle:  articles,
		ent.TypeBody:     byArticle(body.FieldArticleID, articles),
		ent.TypeTagging:  byArticle(tagging.FieldArticleID, articles),
		ent.TypeRevision: byArticle(revision.FieldArticleID, ownArticles),
		ent.TypeTakedown: func(v viewer.Viewer, _ terminal.Set) filter { return byArticle(takedown.FieldItem, ownArticles)(v, 0) },
		ent.TypeComment: func(v viewer.Viewer, ts terminal.Set) filter {
			return both(visibleComments(v), byArticle(comment.FieldArticleID, articles)(v, ts))
		},
		// Those of the next three that are in memory (internal/store/snapshot) pass none of these rules;
		// their services apply IsShown and MaskPublisher.
		ent.TypeCategory:       func(_ viewer.Viewer, ts terminal.Set) filter { return shownCategories(ts) },
		ent.TypePublisher:      public, // with masked names
		ent.TypeRegion:         public,
		ent.TypePicture:        ownPictures,
		ent.TypeWebhook:        ownWebhooks,
		ent.TypeWebhookAttempt: byWebhook(ownWebhooks),
		ent.TypeReport:         whole(ReadReports),
		ent.TypeReportEvent:    whole(ReadReports),
		ent.TypeAudit:          whole(ReadAudit),
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

// public shows a table to every viewer.
func public(viewer.Viewer, terminal.Set) filter { return nil }

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
