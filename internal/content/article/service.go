// Package article writes, publishes, lists and finds articles.
//
// Everything an editor can change is one Content, validated as a whole, whatever
// it was made from; what else an article has (state, times, counters) makes it a
// Record. A save writes the row, its document, its tags, a revision and the
// search index in one transaction, and ends with the entry in the change log, if
// a reader can notice the save. The package refuses to render: that is
// body/render's.
package article

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/slug"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/pagination"
)

// Descendants tells, for each category, which categories lie in it and below it.
type Descendants interface {
	Below(ctx context.Context, ids []string, exact bool) (pagination.Parents, error)
}

// Service is what can be done with articles.
type Service struct {
	store      *store.Store
	log        *changefeed.Log
	categories Descendants
	located    func(address string) string // where an address is
}

// New is the service on s.
func New(s *store.Store, log *changefeed.Log, categories Descendants) *Service {
	return &Service{store: s, log: log, categories: categories, located: func(string) string { return "" }}
}

// Locating gives s what knows the regions of network addresses; without it, nobody does.
func (s *Service) Locating(region func(address string) string) *Service {
	s.located = region
	return s
}

// Connection is a page of articles.
type Connection = pagination.Connection[*ent.Article]

// Edge is an article in a list.
type Edge = pagination.Edge[*ent.Article]

var errNotFound = fault.New(fault.NotFound, "there is no such article, or it is not for you to see")

// Get is one article, by id or by slug.
func (s *Service) Get(ctx context.Context, id, address *string) (*ent.Article, error) {
	q := s.store.Client(ctx).Article.Query()
	switch {
	case (id == nil) == (address == nil):
		return nil, fault.New(fault.BadUserInput, "give either the id or the slug of the article")
	case id != nil && typeid.Is(typeid.Article, *id):
		q.Where(article.ID(*id))
	case address != nil && slug.Check(*address) == nil:
		q.Where(article.Slug(*address))
	default:
		return nil, errNotFound
	}
	a, err := q.CollectFields(ctx, nil).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, errNotFound
	}
	return a, err
}

// ByIDs is the articles with these ids that the viewer may see.
func (s *Service) ByIDs(ctx context.Context, ids []string) (map[string]*ent.Article, error) {
	rows, err := s.store.Client(ctx).Article.Query().Where(article.IDIn(ids...)).CollectFields(ctx, nil).All(ctx)
	return byID(rows), err
}

// InOrder is the articles with these ids, in that order, without those that the
// viewer may not see and, where t is given, those that t does not show.
func (s *Service) InOrder(ctx context.Context, ids []string, t *terminal.Terminal) ([]*ent.Article, error) {
	rows, err := s.store.Client(ctx).Article.Query().Where(article.IDIn(ids...), on(t)).CollectFields(ctx, nil).All(ctx)
	return pick(byID(rows), ids), err
}

// Bodies is the documents of several articles, by the article's id.
func (s *Service) Bodies(ctx context.Context, ids []string) (map[string]*ent.Body, error) {
	rows, err := s.store.Client(ctx).Body.Query().Where(bodyIDIn(ids)).All(ctx)
	if err != nil {
		return nil, err
	}
	bodies := make(map[string]*ent.Body, len(rows))
	for _, b := range rows {
		bodies[b.ID] = b
	}
	return bodies, nil
}

func byID(rows []*ent.Article) map[string]*ent.Article {
	m := make(map[string]*ent.Article, len(rows))
	for _, a := range rows {
		m[a.ID] = a
	}
	return m
}

func pick(found map[string]*ent.Article, ids []string) []*ent.Article {
	list := make([]*ent.Article, 0, len(ids))
	for _, id := range ids {
		if a, ok := found[id]; ok {
			list = append(list, a)
		}
	}
	return list
}
