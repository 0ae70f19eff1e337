// Package article writes, publishes, lists and searches articles.
//
// Content is everything that an editor can change of an article; it is checked as a
// whole, however it was made. A Record adds what only the program decides: state, times
// and counters. A save writes the row, its document, its tags, the pictures it uses and
// its place in the full-text index in one transaction, and ends with an entry in the
// change feed (the outbox) if readers can notice it. Saving is optimistic: who saves an
// old version gets a CONFLICT. The package does not render, and does not decide who may
// see what: that is done by body/render and store/policy.
package article

import (
	"cmp"
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/body"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/slug"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/invalidation"
	"github.com/tonggao/tonggao/internal/store/pagination"
)

// Tree returns, for each category, itself and its descendants.
type Tree interface {
	Below(ctx context.Context, ids []string) (pagination.Parents, error)
}

// Options are the dependencies of a Service.
type Options struct {
	Store      *store.Store
	Log        *changefeed.Log
	Categories Tree
	Region     func(address string) string // the region of a network address; nil: unknown
	MostCount  int                         // up to how many articles a list is counted for the public; 0: 10,000
}

// Service writes and reads articles.
type Service struct {
	store      *store.Store
	log        *changefeed.Log
	categories Tree
	regionOf   func(address string) string
	failing    failing

	mostForPublic int
}

// New returns a service with the dependencies in o.
func New(o Options) *Service {
	if o.Region == nil {
		o.Region = func(string) string { return "" }
	}
	return &Service{store: o.Store, log: o.Log, categories: o.Categories, regionOf: o.Region, mostForPublic: cmp.Or(o.MostCount, 10_000)}
}

// Connection is a page of articles.
type Connection = pagination.Connection[*ent.Article]

// Edge is an article in a list.
type Edge = pagination.Edge[*ent.Article]

var errNotFound = fault.New(fault.NotFound, "there is no such article, or it is not for you to see")

// Get returns one article, by id or by slug.
func (s *Service) Get(ctx context.Context, id, address *string) (*ent.Article, error) {
	q := s.store.Client(ctx).Article.Query()
	finding, found := ctx, (*invalidation.Listing)(nil)
	switch {
	case (id == nil) == (address == nil):
		return nil, fault.New(fault.BadUserInput, "give either the id or the slug of the article")
	case id != nil && typeid.Is(typeid.Article, *id):
		q.Where(article.ID(*id))
		finding = invalidation.OfArticles(ctx, *id)
	case address != nil && slug.Check(*address) == nil:
		q.Where(article.Slug(*address))
		finding, found = invalidation.LookUp(ctx)
	default:
		return nil, errNotFound
	}
	a, err := q.CollectFields(ctx, nil).Only(finding)
	if ent.IsNotFound(err) {
		found.Shows()
		return nil, errNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read an article: %w", err)
	}
	found.Shows(a.ID)
	return a, nil
}

// ByIDs returns those of the articles with these ids that the viewer may see.
func (s *Service) ByIDs(ctx context.Context, ids []string) (map[string]*ent.Article, error) {
	return s.byIDs(ctx, ids, nil)
}

// ListByIDs returns the articles with these ids, in that order, without those that the
// viewer may not see and, where t is given, those that t does not show.
func (s *Service) ListByIDs(ctx context.Context, ids []string, t *terminal.Terminal) ([]*ent.Article, error) {
	found, err := s.byIDs(ctx, ids, t)
	if err != nil {
		return nil, err
	}
	return pick(found, ids), nil
}

func (s *Service) byIDs(ctx context.Context, ids []string, t *terminal.Terminal) (map[string]*ent.Article, error) {
	rows, err := s.store.Client(ctx).Article.Query().Where(article.IDIn(ids...), shownOn(t)).CollectFields(ctx, nil).All(invalidation.OfArticles(ctx, ids...))
	if err != nil {
		return nil, fmt.Errorf("read articles by id: %w", err)
	}
	return store.ByKey(rows, func(a *ent.Article) string { return a.ID }), nil
}

// Bodies returns the documents of several articles, by the article's id.
func (s *Service) Bodies(ctx context.Context, ids []string) (map[string]*ent.Body, error) {
	rows, err := s.store.Client(ctx).Body.Query().Where(body.IDIn(ids...)).All(invalidation.OfArticles(ctx, ids...))
	if err != nil {
		return nil, fmt.Errorf("read the documents of articles: %w", err)
	}
	return store.ByKey(rows, func(b *ent.Body) string { return b.ID }), nil
}

// pick returns the articles with these ids, in that order, as far as they were found.
func pick(found map[string]*ent.Article, ids []string) []*ent.Article {
	list := make([]*ent.Article, 0, len(ids))
	for _, id := range ids {
		if a, ok := found[id]; ok {
			list = append(list, a)
		}
	}
	return list
}
