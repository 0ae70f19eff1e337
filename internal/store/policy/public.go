package policy

import (
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/predicate"
	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// An article is public while it is PUBLISHED, its listed_at has come and its expires_at
// has not. PublicNow and IsPublic test this in SQL and in Go; Released and IsReleased leave
// expires_at out. Between an article's expiry and the moment internal/content/article
// records it, the article is released but no longer public: readers may hold a copy.
//
// Clocks differ between machines, so what the change log has recorded is asked without one:
// an article is logged from the entry that shows it to the one that hides it. Until the first,
// its next_at is the time at which it will be shown.

// IsPublic reports whether the public may see a at now.
func IsPublic(a *ent.Article, now instant.Instant) bool {
	return IsReleased(a, now) && (a.ExpiresAt == nil || *a.ExpiresAt > now)
}

// IsReleased reports whether a is published and its time has come, expired or not.
func IsReleased(a *ent.Article, now instant.Instant) bool {
	return a.Status == article.StatusPUBLISHED && a.ListedAt <= now
}

// IsLogged reports whether a is public according to the change log.
func IsLogged(a *ent.Article) bool {
	return a.Status == article.StatusPUBLISHED && (a.NextAt == nil || a.ExpiresAt != nil && *a.NextAt == *a.ExpiresAt)
}

// Logged selects the articles that are public according to the change log.
func Logged() predicate.Article {
	return article.And(article.StatusEQ(article.StatusPUBLISHED), article.Or(article.NextAtIsNil(), func(s *sql.Selector) {
		s.Where(sql.ColumnsEQ(s.C(article.FieldNextAt), s.C(article.FieldExpiresAt)))
	}))
}

// PublicNow selects the articles that the public may see at now.
//
// No index holds expires_at. A published article that expires has next_at no later than
// expires_at, and few are due at any moment, so the expired ones are listed through the
// index on next_at and excluded, which is cheaper than reading expires_at of every row.
func PublicNow(now instant.Instant) predicate.Article {
	return func(s *sql.Selector) {
		released, id := released(s, now), s.C(article.FieldID)
		s.Where(sql.P(func(b *sql.Builder) { // one condition: article.Or would take several apart
			released(b)
			due := sql.Dialect(b.Dialect()).Table(article.Table).As("due")
			b.WriteString(" AND ").Ident(id).WriteString(" NOT IN (SELECT ").Ident(due.C(article.FieldID)).
				WriteString(" FROM ").Ident(article.Table).WriteString(" AS ").Ident("due").
				WriteString(" WHERE ").Ident(due.C(article.FieldNextAt)).WriteString(" <= ").Arg(int64(now)).
				WriteString(" AND ").Ident(due.C(article.FieldExpiresAt)).WriteString(" <= ").Arg(int64(now)).WriteByte(')')
		}))
	}
}

// Released selects the articles that are published and whose time has come by now.
func Released(now instant.Instant) predicate.Article {
	return func(s *sql.Selector) { s.Where(sql.P(released(s, now))) }
}

// released writes the condition of Released. The unary plus keeps SQLite from choosing
// an index by it, as nearly all articles meet it and the index by category or by the
// order of the list is the right one. PostgreSQL knows from its statistics.
func released(s *sql.Selector, now instant.Instant) func(*sql.Builder) {
	status, listed, plus := s.C(article.FieldStatus), s.C(article.FieldListedAt), ""
	if s.Dialect() == dialect.SQLite {
		plus = "+"
	}
	return func(b *sql.Builder) {
		b.WriteString(plus).Ident(status).WriteString(" = 'PUBLISHED' AND " + plus).Ident(listed).WriteString(" <= ").Arg(int64(now))
	}
}

// OfPublicArticle selects the rows whose article, named by column, is public at now. It
// looks articles up one by one.
func OfPublicArticle(column string, now instant.Instant) func(*sql.Selector) {
	return ofArticle(column, PublicNow(now))
}

// ofArticle selects the rows whose article, named by column, satisfies p.
func ofArticle(column string, p func(*sql.Selector)) func(*sql.Selector) {
	return func(s *sql.Selector) {
		t := sql.Table(article.Table)
		articles := sql.Dialect(s.Dialect()).Select().From(t)
		articles.SelectExpr(sql.Raw("1"))
		p(articles)
		s.Where(sql.Exists(articles.Where(sql.ColumnsEQ(t.C(article.FieldID), s.C(column)))))
	}
}
