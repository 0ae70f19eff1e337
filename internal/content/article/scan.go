package article

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/predicate"
	"github.com/tonggao/tonggao/ent/tagging"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// driver is the index that a list is read from. A list by tag starts at the
// taggings, one by category merges the categories below it, any other is read
// from the articles, where the engine chooses the index.
type driver struct {
	page  func(pagination.Query) func(*sql.Selector)
	count func(context.Context, *ent.ArticleQuery) (int, error)
}

func (s *Service) driver(ctx context.Context, f *Filter) (driver, error) {
	switch {
	case f.Tag != nil:
		within, err := s.within(ctx, &Filter{Category: f.Category, Exact: f.Exact})
		return driver{
			page: func(w pagination.Query) func(*sql.Selector) {
				return func(s *sql.Selector) { within(s); byTag(s, *f.Tag, &w) }
			},
			count: func(ctx context.Context, q *ent.ArticleQuery) (int, error) {
				return counted(ctx, q.Where(within), func(s *sql.Selector) { byTag(s, *f.Tag, nil) })
			},
		}, err
	case f.Category != nil && !f.Exact:
		below, err := s.categories.Below(ctx, []string{*f.Category}, false)
		return driver{
			page: func(w pagination.Query) func(*sql.Selector) {
				return func(s *sql.Selector) {
					w.PerParent(below, article.FieldCategoryID)(s)
					s.Limit(w.Limit())
				}
			},
			count: func(ctx context.Context, q *ent.ArticleQuery) (int, error) {
				n, err := countPerParent(ctx, q, article.FieldCategoryID, below)
				return n[*f.Category], err
			},
		}, err
	default:
		return driver{
			page: func(w pagination.Query) func(*sql.Selector) {
				return func(s *sql.Selector) { inCategory(f)(s); w.Apply(s) }
			},
			count: func(ctx context.Context, q *ent.ArticleQuery) (int, error) {
				return q.Where(inCategory(f)).Count(ctx)
			},
		}, nil
	}
}

func inCategory(f *Filter) predicate.Article {
	return func(s *sql.Selector) {
		if f.Category != nil {
			s.Where(sql.EQ(s.C(article.FieldCategoryID), *f.Category))
		}
	}
}

// within keeps the articles of f's category and tag, for lists that are read
// from another index.
func (s *Service) within(ctx context.Context, f *Filter) (predicate.Article, error) {
	var keep []predicate.Article
	if f.Category != nil {
		below, err := s.categories.Below(ctx, []string{*f.Category}, f.Exact)
		if err != nil {
			return nil, err
		}
		ids := make([]string, len(below))
		for i, p := range below {
			ids[i] = p.Key
		}
		keep = append(keep, article.CategoryIDIn(ids...))
	}
	if f.Tag != nil {
		keep = append(keep, tagged(*f.Tag))
	}
	return func(s *sql.Selector) {
		for _, p := range keep {
			p(s)
		}
	}, nil
}

func tagged(tag string) predicate.Article {
	return func(s *sql.Selector) {
		t := sql.Table(tagging.Table)
		of := sql.Dialect(s.Dialect()).Select().From(t).Where(sql.And(
			sql.ColumnsEQ(t.C(tagging.FieldArticleID), s.C(article.FieldID)), sql.EQ(t.C(tagging.FieldTag), tag)))
		of.SelectExpr(sql.Raw("1"))
		s.Where(sql.Exists(of))
	}
}

// byTag reads the articles through their taggings; w is nil for a count.
func byTag(s *sql.Selector, tag string, w *pagination.Query) {
	articles, conditions := s.TableName(), s.P()
	t := sql.Dialect(s.Dialect()).Table(tagging.Table)
	s.FromExpr(sql.ExprFunc(func(b *sql.Builder) {
		b.Ident(tagging.Table).WriteString(" CROSS JOIN ").Ident(articles)
	}))
	a := sql.Dialect(s.Dialect()).Table(articles)
	s.SetP(nil)
	s.Where(sql.And(sql.EQ(t.C(tagging.FieldTag), tag), sql.ColumnsEQ(a.C(article.FieldID), t.C(tagging.FieldArticleID))))
	if conditions != nil {
		s.Where(conditions)
	}
	if w == nil {
		return
	}
	w.ApplyTo(s, func(column string) string {
		switch {
		case column == "id" && w.Order.Column == article.FieldListedAt:
			return t.C(tagging.FieldArticleID)
		case column == article.FieldListedAt:
			return t.C(tagging.FieldListedAt)
		default:
			return a.C(column)
		}
	})
}

// on keeps what the terminal shows; nil keeps all.
func on(t *terminal.Terminal) predicate.Article {
	if t == nil {
		return func(*sql.Selector) {}
	}
	return policy.ShownOn(terminal.SetOf(*t))
}

func inStatus(status Status, now instant.Instant) predicate.Article {
	stored := article.StatusEQ(article.Status(status))
	switch status {
	case Published:
		return policy.PublicNow(now)
	case Expired:
		return article.Or(article.StatusEQ(article.StatusEXPIRED), article.And(article.StatusEQ(article.StatusPUBLISHED), article.ExpiresAtLTE(now)))
	case Scheduled:
		return article.And(article.StatusEQ(article.StatusPUBLISHED), article.ListedAtGT(now))
	default:
		return stored
	}
}
