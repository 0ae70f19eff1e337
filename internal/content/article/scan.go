package article

import (
	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/tagging"
	"github.com/tonggao/tonggao/internal/foundation/bigram"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/store/search"
)

// scan turns a query of articles into one that reads them from a certain index. Page
// returns the modifier for one page (keyset pagination), count is the one that counts
// them per parent, as pagination.Counts reads it; a list without parents is counted up to
// most rows, or all for 0.
type scan interface {
	page(w pagination.Query) func(*sql.Selector)
	count(s *sql.Selector, most int)
}

// rowScan reads the articles themselves; the engine chooses the index.
type rowScan struct{}

func (rowScan) page(w pagination.Query) func(*sql.Selector) { return w.Apply }

func (rowScan) count(s *sql.Selector, most int) { countRows(s, most) }

// parentScan merges the articles of several parents, such as the categories below one;
// column is the foreign key that names the parent.
type parentScan struct {
	parents pagination.Parents
	column  string
}

func (p parentScan) page(w pagination.Query) func(*sql.Selector) {
	return w.PerParent(p.parents, p.column)
}

func (p parentScan) count(s *sql.Selector, _ int) { pagination.CountPerParent(p.parents, p.column)(s) }

// searchScan reads the full-text index.
type searchScan struct{ words bigram.Query }

func (p searchScan) page(w pagination.Query) func(*sql.Selector) { return search.Find(p.words, w) }

func (p searchScan) count(s *sql.Selector, most int) {
	search.Count(p.words)(s)
	countRows(s, most)
}

// tagScan reads the articles through their taggings.
type tagScan struct{ tag string }

func (p tagScan) page(w pagination.Query) func(*sql.Selector) {
	return func(s *sql.Selector) {
		taggings, articles := p.join(s)
		w.ApplyTo(s, func(column string) string {
			switch {
			case column == "id" && w.Order.Column == article.FieldListedAt:
				return taggings.C(tagging.FieldArticleID)
			case column == article.FieldListedAt:
				return taggings.C(tagging.FieldListedAt)
			default:
				return articles.C(column)
			}
		})
	}
}

func (p tagScan) count(s *sql.Selector, most int) {
	p.join(s)
	countRows(s, most)
}

// join makes the taggings the outer table of s, so that their index gives the order.
func (p tagScan) join(s *sql.Selector) (taggings, articles *sql.SelectTable) {
	name, conditions := s.TableName(), s.P()
	taggings, articles = sql.Dialect(s.Dialect()).Table(tagging.Table), sql.Dialect(s.Dialect()).Table(name)
	s.FromExpr(sql.ExprFunc(func(b *sql.Builder) {
		b.Ident(tagging.Table).WriteString(" CROSS JOIN ").Ident(name)
	}))
	s.SetP(nil)
	s.Where(sql.And(sql.EQ(taggings.C(tagging.FieldTag), p.tag), sql.ColumnsEQ(articles.C(article.FieldID), taggings.C(tagging.FieldArticleID))))
	if conditions != nil {
		s.Where(conditions)
	}
	return taggings, articles
}

// countRows turns s into a statement that counts its rows, as those of one parent.
func countRows(s *sql.Selector, most int) {
	s.ClearOrder()
	if most > 0 {
		found := *s
		found.Select().AppendSelectExpr(sql.Raw("1")).Limit(most)
		*s = *sql.Dialect(s.Dialect()).Select().WithContext(s.Context())
		s.FromExpr(sql.ExprFunc(func(b *sql.Builder) { b.WriteByte('(').Join(&found).WriteString(") AS found") }))
	}
	s.Select().AppendSelectExpr(sql.Raw("'' AS "+pagination.ParentColumn), sql.Raw("COUNT(*) AS n"))
}
