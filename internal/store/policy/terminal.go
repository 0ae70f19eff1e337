package policy

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/category"
	"github.com/tonggao/tonggao/ent/predicate"
	"github.com/tonggao/tonggao/ent/tagging"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// ShownOn selects the articles that all terminals of ts show: those that are switched
// off for none of them, and whose category and its ancestors are not either. The
// categories are read once a statement, so an index by the list's order still drives
// it, and switching a category takes effect at once.
func ShownOn(ts terminal.Set) predicate.Article {
	return func(s *sql.Selector) {
		own, filed := s.C(article.FieldTerminals), s.C(article.FieldCategoryID)
		s.Where(sql.P(func(b *sql.Builder) {
			b.WriteByte('(').Ident(own).WriteString(" & ").Arg(int(ts)).WriteString(") = ").Arg(int(ts))
			b.WriteString(" AND ").Ident(filed)
			notInHiddenCategory(b, ts)
		}))
	}
}

// TaggedOn selects the taggings of such articles.
func TaggedOn(ts terminal.Set) predicate.Tagging {
	return ofArticle(tagging.FieldArticleID, ShownOn(ts))
}

// shownArticles returns ShownOn as a filter; nil where no terminal is named.
func shownArticles(ts terminal.Set) filter {
	if ts == 0 {
		return nil
	}
	return filter(ShownOn(ts))
}

// shownCategories selects the categories that all terminals of ts show.
func shownCategories(ts terminal.Set) filter {
	if ts == 0 {
		return nil
	}
	return func(s *sql.Selector) {
		id := s.C(category.FieldID)
		s.Where(sql.P(func(b *sql.Builder) {
			b.Ident(id)
			notInHiddenCategory(b, ts)
		}))
	}
}

// IsShown reports whether the terminals that a request names are among those that show a
// category, as shownCategories selects it.
func IsShown(ctx context.Context, shown terminal.Set) bool {
	return viewer.From(ctx).Is(viewer.System) || terminal.Named(ctx)&^shown == 0
}

// notInHiddenCategory writes the end of a condition: not among the categories that are
// switched off for a terminal of ts, and their descendants.
func notInHiddenCategory(b *sql.Builder, ts terminal.Set) {
	b.WriteString(" NOT IN (WITH RECURSIVE off_terminal (id) AS (SELECT id FROM categories WHERE (terminals & ").Arg(int(ts)).
		WriteString(") <> ").Arg(int(ts)).
		WriteString(" UNION SELECT categories.id FROM categories JOIN off_terminal ON categories.parent_id = off_terminal.id) SELECT id FROM off_terminal)")
}
