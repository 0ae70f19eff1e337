package article

import (
	"context"
	"encoding/json"
	"sync"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/foundation/bigram"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/store/pagination"
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

// List is a page of the articles that f lets through.
func (s *Service) List(ctx context.Context, f *Filter, order string, r pagination.Request) (*Connection, error) {
	if f == nil {
		f = &Filter{}
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	w, err := s.store.Cursors.Window(r, "articles"+f.scope(), orders[order])
	if err != nil {
		return nil, err
	}
	drive, err := s.driver(ctx, f)
	if err != nil {
		return nil, err
	}
	rows, err := pagination.Rows(w, func() ([]*ent.Article, error) {
		q := s.query(ctx, f).CollectFields(ctx, rowsPath, w.Order.Column)
		return q.Modify(drive.page(w)).All(ctx)
	})
	if err != nil {
		return nil, err
	}
	return pagination.Connect(w, rows, position(w.Order), func(ctx context.Context) (int, error) {
		return drive.count(ctx, s.query(ctx, f))
	}), nil
}

// Search is a page of the articles that f lets through and words finds.
func (s *Service) Search(ctx context.Context, words string, f *Filter, r pagination.Request) (*Connection, error) {
	if f == nil {
		f = &Filter{}
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	found, err := bigram.Parse(words)
	if err != nil {
		return nil, fault.Wrap(err, fault.BadUserInput, "%v", err)
	}
	w, err := s.store.Cursors.Window(r, "search"+f.scope()+words, search.Order)
	if err != nil {
		return nil, err
	}
	within, err := s.within(ctx, f)
	if err != nil {
		return nil, err
	}
	rows, err := pagination.Rows(w, func() ([]*ent.Article, error) {
		q := s.query(ctx, f).Where(within).CollectFields(ctx, rowsPath, w.Order.Column)
		return q.Modify(search.Find(found, w)).All(ctx)
	})
	if err != nil {
		return nil, err
	}
	return pagination.Connect(w, rows, position(w.Order), func(ctx context.Context) (int, error) {
		return counted(ctx, s.query(ctx, f).Where(within), search.Count(found))
	}), nil
}

// Of is a page of articles for each of several owners. Column is the foreign key
// that names the owner; for categories, what lies below counts as theirs unless
// exact. Only what t shows is on it, where t is given.
func (s *Service) Of(ctx context.Context, column string, owners []string, exact bool, t *terminal.Terminal, order string, r pagination.Request) (map[string]*Connection, error) {
	w, err := s.store.Cursors.Window(r, "of "+column+named(t), orders[order])
	if err != nil {
		return nil, err
	}
	parents := pagination.Each(owners...)
	if column == article.FieldCategoryID && !exact {
		if parents, err = s.categories.Below(ctx, owners, false); err != nil {
			return nil, err
		}
	}
	rows, err := pagination.Rows(w, func() ([]*ent.Article, error) {
		q := s.store.Client(ctx).Article.Query().Where(on(t)).CollectFields(ctx, rowsPath, w.Order.Column)
		return q.Modify(w.PerParent(parents, column)).All(ctx)
	})
	if err != nil {
		return nil, err
	}
	pages, err := pagination.Split(rows)
	if err != nil {
		return nil, err
	}
	count := sync.OnceValues(func() (map[string]int, error) { return s.countOf(ctx, column, parents, t) })
	lists := make(map[string]*Connection, len(owners))
	for _, owner := range owners {
		lists[owner] = pagination.Connect(w, pages[owner], position(w.Order), func(context.Context) (int, error) {
			n, err := count()
			return n[owner], err
		})
	}
	return lists, nil
}

// CountOf is how many articles each of several owners has, on t where it is given.
func (s *Service) CountOf(ctx context.Context, column string, owners []string, t *terminal.Terminal) (map[string]int, error) {
	parents := pagination.Each(owners...)
	if column == article.FieldCategoryID {
		var err error
		if parents, err = s.categories.Below(ctx, owners, false); err != nil {
			return nil, err
		}
	}
	return s.countOf(ctx, column, parents, t)
}

func (s *Service) countOf(ctx context.Context, column string, parents pagination.Parents, t *terminal.Terminal) (map[string]int, error) {
	return countPerParent(ctx, s.store.Client(ctx).Article.Query().Where(on(t)), column, parents)
}

// named is the part of a list's name that says on which terminal it is.
func named(t *terminal.Terminal) string {
	if t == nil {
		return ""
	}
	return " on " + t.String()
}

func countPerParent(ctx context.Context, q *ent.ArticleQuery, column string, parents pagination.Parents) (map[string]int, error) {
	q.Modify(pagination.CountPerParent(parents, column))
	rows, err := q.All(ctx)
	if err != nil {
		return nil, err
	}
	return pagination.Counts(rows)
}

// counted counts the rows of q as m changes it.
func counted(ctx context.Context, q *ent.ArticleQuery, m func(*sql.Selector)) (int, error) {
	q.Modify(func(s *sql.Selector) {
		m(s)
		s.ClearOrder()
		s.Select().AppendSelectExpr(sql.Raw("'' AS "+pagination.ParentColumn), sql.Raw("COUNT(*) AS n"))
	})
	rows, err := q.All(ctx)
	if err != nil {
		return 0, err
	}
	n, err := pagination.Counts(rows)
	return n[""], err
}

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

// query is the articles that the simple conditions of f let through.
func (s *Service) query(ctx context.Context, f *Filter) *ent.ArticleQuery {
	q := s.store.Client(ctx).Article.Query().Where(on(f.Terminal))
	if f.Region != nil {
		q.Where(article.RegionID(*f.Region))
	}
	if f.Nationwide != nil && *f.Nationwide {
		q.Where(article.RegionIDIsNil())
	} else if f.Nationwide != nil {
		q.Where(article.RegionIDNotNil())
	}
	if f.Publisher != nil {
		q.Where(article.PublisherID(*f.Publisher))
	}
	if f.PublishedAfter != nil {
		q.Where(article.ListedAtGTE(*f.PublishedAfter), article.PublishedAtNotNil())
	}
	if f.PublishedBefore != nil {
		q.Where(article.ListedAtLT(*f.PublishedBefore), article.PublishedAtNotNil())
	}
	if f.Status != nil {
		q.Where(inStatus(*f.Status, s.store.Clock()))
	}
	return q
}

func (f *Filter) check() error {
	for _, place := range []struct {
		field string
		id    *string
		kind  typeid.Kind
	}{{"category", f.Category, typeid.Category}, {"region", f.Region, typeid.Region}, {"publisher", f.Publisher, typeid.Publisher}} {
		if place.id != nil && !typeid.Is(place.kind, *place.id) {
			return fault.New(fault.BadUserInput, "filter.%s: %.40q is not the id of a %s; ids look like %s_01h455vb4pex5vsknk084sn02q", place.field, *place.id, place.field, place.kind)
		}
	}
	return nil
}

// scope is everything in f that decides which articles are in the list.
func (f *Filter) scope() string {
	text, _ := json.Marshal(f) // strings, booleans and times always marshal
	return string(text)
}
