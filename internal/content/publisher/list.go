package publisher

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/publisher"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/pagination"
)

// Connection is a page of publishers.
type Connection = pagination.Connection[*ent.Publisher]

// Edge is a publisher in a list.
type Edge = pagination.Edge[*ent.Publisher]

var newestFirst = pagination.Order{Name: "CREATED_DESC", Column: publisher.FieldCreatedAt, Desc: true}

// Get returns one publisher.
func (s *Service) Get(ctx context.Context, id string) (*ent.Publisher, error) {
	if !typeid.Is(typeid.Publisher, id) {
		return nil, errNotFound
	}
	found, err := s.ByIDs(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	if found[id] == nil {
		return nil, errNotFound
	}
	return found[id], nil
}

// ByIDs returns the publishers with these ids, with the columns that the selection reads.
func (s *Service) ByIDs(ctx context.Context, ids []string) (map[string]*ent.Publisher, error) {
	known, err := s.kept.Get(ctx)
	if err != nil {
		return nil, fmt.Errorf("read publishers by id: %w", err)
	}
	if known != nil {
		return s.keptByIDs(ctx, known, ids)
	}
	rows, err := s.store.Client(ctx).Publisher.Query().Where(publisher.IDIn(ids...)).CollectFields(ctx, nil).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read publishers by id: %w", err)
	}
	return store.ByKey(rows, func(p *ent.Publisher) string { return p.ID }), nil
}

// ByIDsWithName returns the publishers with these ids with their names, as the viewer may
// see them, also where the selection does not read the name.
func (s *Service) ByIDsWithName(ctx context.Context, ids []string) (map[string]*ent.Publisher, error) {
	known, err := s.kept.Get(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the names of publishers: %w", err)
	}
	if known != nil {
		return s.keptByIDs(ctx, known, ids)
	}
	q := s.store.Client(ctx).Publisher.Query().Where(publisher.IDIn(ids...))
	q.Select(publisher.FieldName, publisher.FieldPublic)
	rows, err := q.All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the names of publishers: %w", err)
	}
	return store.ByKey(rows, func(p *ent.Publisher) string { return p.ID }), nil
}

// List returns a page of the publishers that f selects, newest first: an order by name
// would reveal redacted names.
func (s *Service) List(ctx context.Context, f *Filter, r pagination.Request) (*Connection, error) {
	query := s.store.Client(ctx).Publisher.Query()
	scope := "publishers"
	if f != nil && f.Public != nil {
		query.Where(publisher.Public(*f.Public))
		scope += fmt.Sprint(*f.Public)
	}
	w, err := s.store.Cursors.Window(r, scope, newestFirst)
	if err != nil {
		return nil, err
	}
	rows, err := pagination.Rows(w, func() ([]*ent.Publisher, error) {
		return query.Clone().CollectFields(ctx, []string{"edges", "node"}, w.Order.Column).Modify(w.Apply).All(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("list publishers: %w", err)
	}
	return pagination.Connect(w, rows, func(p *ent.Publisher) pagination.Position {
		return pagination.Position{Value: int64(p.CreatedAt), ID: p.ID}
	}, query.Count), nil
}
