package article

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/category"
	"github.com/tonggao/tonggao/ent/region"
	"github.com/tonggao/tonggao/internal/foundation/bigram"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/slug"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/store/invalidation"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/store/search"
)

// The orders of a list of articles, by the names of the API.
var orders = map[string]pagination.Order{
	"PUBLISHED_DESC": {Name: "PUBLISHED_DESC", Column: article.FieldListedAt, Desc: true},
	"PUBLISHED_ASC":  {Name: "PUBLISHED_ASC", Column: article.FieldListedAt},
	"VIEWS_DESC":     {Name: "VIEWS_DESC", Column: article.FieldViewCount, Desc: true},
	"UPDATED_DESC":   {Name: "UPDATED_DESC", Column: article.FieldUpdatedAt, Desc: true},
}

var newestFirst = orders["PUBLISHED_DESC"]

// rowsPath is how a selection reaches the rows of a connection.
var rowsPath = []string{"edges", "node"}

// List returns a page of the articles that f selects; all for nil.
func (s *Service) List(ctx context.Context, f *Filter, order string, r pagination.Request) (*Connection, error) {
	return s.list(ctx, f, nil, "articles"+f.scope(), orders[order], r)
}

// Search returns a page of the articles that f selects and that have all words.
func (s *Service) Search(ctx context.Context, words string, f *Filter, r pagination.Request) (*Connection, error) {
	query, err := bigram.Parse(words)
	if err != nil {
		return nil, fault.Wrap(err, fault.BadUserInput, "%v", err)
	}
	return s.list(ctx, f, &query, "search"+f.scope()+words, search.Order, r)
}

// list checks the filter and the page that is asked for, plans, and reads. Scope names
// the list: cursors are good for it alone.
func (s *Service) list(ctx context.Context, f *Filter, words *bigram.Query, scope string, order pagination.Order, r pagination.Request) (*Connection, error) {
	if f == nil {
		f = &Filter{}
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	if !policy.Allows(ctx, policy.SkipPublicLimits) && !f.indexed(order) {
		return nil, errNoIndex
	}
	f, err := s.withIDs(ctx, f)
	if err != nil {
		return nil, err
	}
	w, err := s.store.Cursors.Window(r, scope, order)
	if err != nil {
		return nil, err
	}
	p, err := s.plan(ctx, f, words)
	if err != nil {
		return nil, err
	}
	rows, err := pagination.Rows(w, func() ([]*ent.Article, error) {
		q := s.store.Client(ctx).Article.Query().Where(p.where...).CollectFields(ctx, rowsPath, w.Order.Column)
		return listed(ctx, w.Order, q.Modify(p.scan.page(w)).All)
	})
	if err != nil {
		return nil, fmt.Errorf("list articles: %w", err)
	}
	return pagination.Connect(w, rows, position(w.Order), func(ctx context.Context) (total int, err error) {
		counts, err := count(ctx, s.store.Client(ctx).Article.Query().Where(p.where...), p.scan, s.mostCounted(ctx))
		for _, n := range counts {
			total += n
		}
		return total, err
	}), nil
}

// ListByOwners returns a page of articles for each of several owners. Column is the
// foreign key that names the owner; a category also owns what its descendants do, unless
// exact. Where t is given, only what t shows is listed.
func (s *Service) ListByOwners(ctx context.Context, column string, owners []string, exact bool, t *terminal.Terminal, order string, r pagination.Request) (map[string]*Connection, error) {
	scope := "of " + column
	if t != nil {
		scope += " on " + t.String()
	}
	w, err := s.store.Cursors.Window(r, scope, orders[order])
	if err != nil {
		return nil, err
	}
	scan, err := s.scanOwners(ctx, column, owners, exact)
	if err != nil {
		return nil, err
	}
	rows, err := pagination.Rows(w, func() ([]*ent.Article, error) {
		q := s.store.Client(ctx).Article.Query().Where(shownOn(t)).CollectFields(ctx, rowsPath, w.Order.Column)
		return listed(ctx, w.Order, q.Modify(scan.page(w)).All)
	})
	if err != nil {
		return nil, fmt.Errorf("list articles by %s: %w", column, err)
	}
	pages, err := pagination.Split(rows)
	if err != nil {
		return nil, err
	}
	counts := sync.OnceValues(func() (map[string]int, error) {
		return count(ctx, s.store.Client(ctx).Article.Query().Where(shownOn(t)), scan, 0)
	})
	lists := make(map[string]*Connection, len(owners))
	for _, owner := range owners {
		lists[owner] = pagination.Connect(w, pages[owner], position(w.Order), func(context.Context) (int, error) {
			n, err := counts()
			return n[owner], err
		})
	}
	return lists, nil
}

// CountByOwners returns how many articles each of several owners has, on t where it is
// given.
func (s *Service) CountByOwners(ctx context.Context, column string, owners []string, t *terminal.Terminal) (map[string]int, error) {
	scan, err := s.scanOwners(ctx, column, owners, false)
	if err != nil {
		return nil, err
	}
	return count(ctx, s.store.Client(ctx).Article.Query().Where(shownOn(t)), scan, 0)
}

func (s *Service) scanOwners(ctx context.Context, column string, owners []string, exact bool) (parentScan, error) {
	if column != article.FieldCategoryID || exact {
		return parentScan{pagination.Each(owners...), column}, nil
	}
	parents, err := s.categories.Below(ctx, owners)
	return parentScan{parents, column}, err
}

// mostCounted returns up to how many articles a list is counted for the viewer in ctx: the
// public must not make the server read millions of rows. 0 is all.
func (s *Service) mostCounted(ctx context.Context) int {
	if policy.Allows(ctx, policy.SkipPublicLimits) {
		return 0
	}
	return s.mostForPublic
}

// count returns how many articles the scan finds, per parent.
func count(ctx context.Context, q *ent.ArticleQuery, scan scan, most int) (map[string]int, error) {
	ctx, counted := invalidation.List(ctx)
	rows, err := q.Modify(func(s *sql.Selector) { scan.count(s, most) }).All(ctx)
	counted.Shows()
	if err != nil {
		return nil, fmt.Errorf("count articles: %w", err)
	}
	return pagination.Counts(rows)
}

// listed reads the rows of a list in an order. Unless edits change the order, the answer depends
// on which articles are in lists and on those that are read, not on all.
func listed(ctx context.Context, order pagination.Order, read func(context.Context) ([]*ent.Article, error)) ([]*ent.Article, error) {
	if order.Column == article.FieldUpdatedAt {
		return read(ctx)
	}
	ctx, list := invalidation.List(ctx)
	rows, err := read(ctx)
	list.Shows(idsOf(rows)...)
	return rows, err
}

func idsOf(rows []*ent.Article) []string {
	ids := make([]string, len(rows))
	for i, a := range rows {
		ids[i] = a.ID
	}
	return ids
}

// position returns where an article is in a list of that order.
func position(o pagination.Order) func(*ent.Article) pagination.Position {
	return func(a *ent.Article) pagination.Position {
		value := int64(a.ListedAt)
		switch o.Column {
		case article.FieldViewCount:
			value = a.ViewCount
		case article.FieldUpdatedAt:
			value = int64(a.UpdatedAt)
		case article.FieldSearchSlot:
			value = a.SearchSlot
		}
		return pagination.Position{Value: value, ID: a.ID}
	}
}

// check returns an error where an id in f is of another kind.
func (f *Filter) check() error {
	for _, ref := range []struct {
		field string
		id    *string
		kind  typeid.Kind
	}{{"category", f.Category, typeid.Category}, {"region", f.Region, typeid.Region}, {"publisher", f.Publisher, typeid.Publisher}} {
		if ref.id != nil && !typeid.Is(ref.kind, *ref.id) && (ref.kind == typeid.Publisher || slug.Check(*ref.id) != nil) {
			return fault.New(fault.BadUserInput, "filter.%s: %.40q is not the id of a %s; ids look like %s_01h455vb4pex5vsknk084sn02q", ref.field, *ref.id, ref.field, ref.kind)
		}
	}
	return nil
}

var errNoIndex = fault.New(fault.BadUserInput,
	"articles with a tag or published in a period are listed by the time of publication only: use orderBy PUBLISHED_DESC or PUBLISHED_ASC, or trending for what is viewed most")

// indexed reports whether an index serves the filter and the order together, so that a page
// is read without reading or sorting all articles.
func (f *Filter) indexed(order pagination.Order) bool {
	if order.Column == article.FieldListedAt || order.Column == search.Order.Column {
		return true
	}
	return f.Tag == nil && f.PublishedAfter == nil && f.PublishedBefore == nil
}

// withIDs returns f with the ids of the category and the region that it names by slug. An
// unknown slug is kept: like an unknown id, it selects nothing.
func (s *Service) withIDs(ctx context.Context, f *Filter) (*Filter, error) {
	found := *f
	if f.Category != nil && !typeid.Is(typeid.Category, *f.Category) {
		ids, err := s.store.Client(ctx).Category.Query().Where(category.Slug(*f.Category)).IDs(ctx)
		if err != nil {
			return nil, fmt.Errorf("find a category by its slug: %w", err)
		}
		if len(ids) > 0 {
			found.Category = &ids[0]
		}
	}
	if f.Region != nil && !typeid.Is(typeid.Region, *f.Region) {
		ids, err := s.store.Client(ctx).Region.Query().Where(region.Slug(*f.Region)).IDs(ctx)
		if err != nil {
			return nil, fmt.Errorf("find a region by its slug: %w", err)
		}
		if len(ids) > 0 {
			found.Region = &ids[0]
		}
	}
	return &found, nil
}

// scope returns everything in f that decides which articles are in the list.
func (f *Filter) scope() string {
	if f == nil {
		f = &Filter{}
	}
	text, _ := json.Marshal(f) // strings, booleans and times always marshal
	return string(text)
}
