package article

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/predicate"
	"github.com/tonggao/tonggao/ent/tagging"
	"github.com/tonggao/tonggao/internal/foundation/bigram"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// plan is how the articles of a list are found: the index that is scanned, and the
// conditions on what the scan finds.
type plan struct {
	scan  scan
	where []predicate.Article
}

// plan returns how to find the articles that f selects and that have words, where words
// are given. A search scans the full-text index, a list by tag the taggings, one by
// category the categories below it; for any other list the engine chooses the index.
func (s *Service) plan(ctx context.Context, f *Filter, words *bigram.Query) (plan, error) {
	p := plan{scan: rowScan{}, where: f.conditions(s.store.Clock())}
	var below pagination.Parents
	if f.Category != nil && !f.Exact {
		var err error
		if below, err = s.categories.Below(ctx, []string{*f.Category}); err != nil {
			return plan{}, err
		}
	}
	switch {
	case words != nil:
		p.scan = searchScan{*words}
		if f.Tag != nil {
			p.where = append(p.where, tagged(*f.Tag))
		}
	case f.Tag != nil:
		p.scan = tagScan{*f.Tag}
	case below != nil:
		p.scan = parentScan{below, article.FieldCategoryID}
		return p, nil
	}
	if below != nil {
		ids := make([]string, len(below))
		for i, parent := range below {
			ids[i] = parent.Key
		}
		p.where = append(p.where, article.CategoryIDIn(ids...))
	}
	return p, nil
}

// conditions returns the conditions of f that need no index of their own.
func (f *Filter) conditions(now instant.Instant) []predicate.Article {
	where := []predicate.Article{shownOn(f.Terminal)}
	if f.Category != nil && f.Exact {
		where = append(where, article.CategoryID(*f.Category))
	}
	if f.Region != nil {
		where = append(where, article.RegionID(*f.Region))
	}
	if f.Nationwide != nil && *f.Nationwide {
		where = append(where, article.RegionIDIsNil())
	} else if f.Nationwide != nil {
		where = append(where, article.RegionIDNotNil())
	}
	if f.Publisher != nil {
		where = append(where, article.PublisherID(*f.Publisher))
	}
	if f.PublishedAfter != nil {
		where = append(where, article.ListedAtGTE(*f.PublishedAfter), article.PublishedAtNotNil())
	}
	if f.PublishedBefore != nil {
		where = append(where, article.ListedAtLT(*f.PublishedBefore), article.PublishedAtNotNil())
	}
	if f.Status != nil {
		where = append(where, hasStatus(*f.Status, now))
	}
	return where
}

// shownOn selects the articles that the terminal shows; all for nil.
func shownOn(t *terminal.Terminal) predicate.Article {
	if t == nil {
		return func(*sql.Selector) {}
	}
	return policy.ShownOn(terminal.SetOf(*t))
}

// tagged selects the articles with a tag, for scans of another index.
func tagged(tag string) predicate.Article {
	return func(s *sql.Selector) {
		t := sql.Table(tagging.Table)
		of := sql.Dialect(s.Dialect()).Select().From(t).Where(sql.And(
			sql.ColumnsEQ(t.C(tagging.FieldArticleID), s.C(article.FieldID)), sql.EQ(t.C(tagging.FieldTag), tag)))
		of.SelectExpr(sql.Raw("1"))
		s.Where(sql.Exists(of))
	}
}
