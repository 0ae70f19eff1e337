package publisher

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/publisher"
	"github.com/tonggao/tonggao/internal/store/pagination"
)

// Connection is a page of publishers.
type Connection = pagination.Connection[*ent.Publisher]

// Edge is a publisher in a list.
type Edge = pagination.Edge[*ent.Publisher]

var newestFirst = pagination.Order{Name: "CREATED_DESC", Column: publisher.FieldCreatedAt, Desc: true}

// List is a page of the publishers that f lets through, newest first: an order by
// name would tell of names that are masked.
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
		return nil, err
	}
	return pagination.Connect(w, rows, func(p *ent.Publisher) pagination.Position {
		return pagination.Position{Value: int64(p.CreatedAt), ID: p.ID}
	}, query.Count), nil
}
