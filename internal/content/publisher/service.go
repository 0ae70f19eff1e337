// Package publisher keeps who stands behind articles, and decides who is public.
//
// The names of the others are masked by internal/store/policy when they are read; the
// change log, which integrators read, is given them masked from the start. No
// publisher is deleted that still has articles.
package publisher

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/publisher"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Service is what can be done with publishers.
type Service struct {
	store *store.Store
	log   *changefeed.Log
}

// New is the service on s.
func New(s *store.Store, log *changefeed.Log) *Service { return &Service{store: s, log: log} }

// Get is one publisher.
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

// ByIDs is the publishers with these ids, with what the selection reads.
func (s *Service) ByIDs(ctx context.Context, ids []string) (map[string]*ent.Publisher, error) {
	return byID(s.store.Client(ctx).Publisher.Query().Where(publisher.IDIn(ids...)).CollectFields(ctx, nil).All(ctx))
}

// Named is the publishers with these ids, with their names as the viewer may see
// them, whatever the selection reads.
func (s *Service) Named(ctx context.Context, ids []string) (map[string]*ent.Publisher, error) {
	q := s.store.Client(ctx).Publisher.Query().Where(publisher.IDIn(ids...))
	q.Select(publisher.FieldName, publisher.FieldPublic)
	return byID(q.All(ctx))
}

func byID(rows []*ent.Publisher, err error) (map[string]*ent.Publisher, error) {
	found := make(map[string]*ent.Publisher, len(rows))
	for _, row := range rows {
		found[row.ID] = row
	}
	return found, err
}

// Create adds a publisher.
func (s *Service) Create(ctx context.Context, in CreateInput) (*ent.Publisher, error) {
	if v := viewer.From(ctx); !policy.IsEditor(v) {
		return nil, policy.Denied(v)
	}
	content := Content(in)
	if err := content.check(); err != nil {
		return nil, err
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Publisher, error) {
		return s.create(ctx, c, content)
	})
}

func (s *Service) create(ctx context.Context, c *ent.Client, content Content) (*ent.Publisher, error) {
	now := s.store.Clock()
	row, err := c.Publisher.Create().SetID(typeid.New(typeid.Publisher, now)).SetName(content.Name).
		SetPublic(content.Public).SetCreatedAt(now).SetUpdatedAt(now).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("save a publisher: %w", err)
	}
	return row, s.notice(ctx, c, changefeed.Created, row)
}

// Update changes a publisher. What changes nothing writes nothing.
func (s *Service) Update(ctx context.Context, in UpdateInput) (*ent.Publisher, error) {
	if v := viewer.From(ctx); !policy.IsEditor(v) {
		return nil, policy.Denied(v)
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Publisher, error) {
		row, err := s.hold(ctx, c, in.Publisher)
		if err != nil {
			return nil, err
		}
		before := contentOf(row)
		after := before
		after.change(in)
		if err := after.check(); err != nil || after == before {
			return row, err
		}
		row, err = row.Update().SetName(after.Name).SetPublic(after.Public).
			SetUpdatedAt(max(s.store.Clock(), row.UpdatedAt+1)).Save(ctx)
		if err != nil {
			return nil, fmt.Errorf("save a publisher: %w", err)
		}
		return row, s.notice(ctx, c, changefeed.Updated, row)
	})
}

// Delete removes a publisher that has no articles.
func (s *Service) Delete(ctx context.Context, id string) error {
	if v := viewer.From(ctx); !policy.IsEditor(v) {
		return policy.Denied(v)
	}
	return s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		if _, err := s.hold(ctx, c, id); err != nil {
			return err
		}
		// Articles that the viewer may not see are in the way as well.
		used, err := c.Article.Query().Where(article.PublisherID(id)).Exist(viewer.AsSystem(ctx))
		switch {
		case err != nil:
			return fmt.Errorf("look for articles of a publisher to delete: %w", err)
		case used:
			return errHasArticles
		}
		if err := c.Publisher.DeleteOneID(id).Exec(ctx); err != nil {
			return fmt.Errorf("delete a publisher: %w", err)
		}
		return s.log.Append(ctx, c, changefeed.Entry{Kind: changefeed.Deleted, Type: "Publisher", ID: id})
	})
}

// Ensure finds a publisher by its exact name, or creates it. It is for imports:
// repeating it, or running it several times at once, makes nothing twice.
func (s *Service) Ensure(ctx context.Context, name string, public bool) (*ent.Publisher, error) {
	if v := viewer.From(ctx); !policy.IsEditor(v) {
		return nil, policy.Denied(v)
	}
	content := Content{Name: name, Public: public}
	if err := content.check(); err != nil {
		return nil, err
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Publisher, error) {
		known := c.Publisher.Query().Where(publisher.Name(content.Name)).Order(publisher.ByID())
		row, err := known.Clone().First(ctx)
		if !ent.IsNotFound(err) {
			return row, err
		}
		if err := s.store.Lock(ctx, c, "LOCK TABLE publishers IN SHARE ROW EXCLUSIVE MODE"); err != nil {
			return nil, err
		}
		if row, err = known.First(ctx); !ent.IsNotFound(err) {
			return row, err
		}
		return s.create(ctx, c, content)
	})
}

var (
	errNotFound    = fault.New(fault.NotFound, "there is no such publisher")
	errHasArticles = fault.Invalid{{Code: "NOT_ALLOWED", Field: []string{"id"},
		Message: "the publisher still has articles, perhaps hidden ones; give them to another or delete them first"}}
)

// hold reads a publisher that nobody else may change, or give an article to, until
// the transaction ends.
func (s *Service) hold(ctx context.Context, c *ent.Client, id string) (*ent.Publisher, error) {
	if !typeid.Is(typeid.Publisher, id) {
		return nil, errNotFound
	}
	if err := s.store.Lock(ctx, c, "SELECT id FROM publishers WHERE id = $1 FOR UPDATE", id); err != nil {
		return nil, err
	}
	row, err := c.Publisher.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, errNotFound
	}
	return row, err
}

// notice appends what everybody may know of a publisher to the log.
func (s *Service) notice(ctx context.Context, c *ent.Client, kind changefeed.Kind, row *ent.Publisher) error {
	return s.log.Append(ctx, c, changefeed.PublisherEntry(kind, row))
}
