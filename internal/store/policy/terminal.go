package policy

import (
	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/category"
	"github.com/tonggao/tonggao/ent/predicate"
	"github.com/tonggao/tonggao/ent/tagging"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

// ShownOn keeps the articles that all terminals of ts show: those that are not
// off one themselves and lie neither in a category that is nor below one. The
// categories are read once a statement, so an index by the list's order still
// drives it, and a category that is switched takes effect at once.
func ShownOn(ts terminal.Set) predicate.Article {
	return func(s *sql.Selector) {
		own, filed := s.C(article.FieldTerminals), s.C(article.FieldCategoryID)
		s.Where(sql.P(func(b *sql.Builder) {
			b.WriteByte('(').Ident(own).WriteString(" & ").Arg(int(ts)).WriteString(") = ").Arg(int(ts))
			b.WriteString(" AND ").Ident(filed)
			categoriesOff(b, ts)
		}))
	}
}

// TaggedOn keeps the taggings of such articles.
func TaggedOn(ts terminal.Set) predicate.Tagging {
	return ofVisibleArticle(tagging.FieldArticleID, ShownOn(ts))
}

// shownCategories keeps the categories that all terminals of ts show.
func shownCategories(ts terminal.Set) predicate.Category {
	return func(s *sql.Selector) {
		id := s.C(category.FieldID)
		s.Where(sql.P(func(b *sql.Builder) {
			b.Ident(id)
			categoriesOff(b, ts)
		}))
	}
}

func categoriesOff(b *sql.Builder, ts terminal.Set) {
	b.WriteString(" NOT IN (WITH RECURSIVE off_terminal (id) AS (SELECT id FROM categories WHERE (terminals & ").Arg(int(ts)).
		WriteString(") <> ").Arg(int(ts)).
		WriteString(" UNION SELECT categories.id FROM categories JOIN off_terminal ON categories.parent_id = off_terminal.id) SELECT id FROM off_terminal)")
}
