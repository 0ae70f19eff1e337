// Package region keeps the parts of the country that have a view of their own.
//
// A region has an address that no other has, and none is deleted that still has
// articles. What belongs to no region belongs to the whole country, which is not
// a region.
package region

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/region"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/slug"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Service is what can be done with regions.
type Service struct {
	store *store.Store
	log   *changefeed.Log
}

// New is the service on s.
func New(s *store.Store, log *changefeed.Log) *Service { return &Service{store: s, log: log} }

// List is all regions, in the editors' order.
func (s *Service) List(ctx context.Context) ([]*ent.Region, error) {
	return s.store.Client(ctx).Region.Query().Order(region.ByPosition(), region.ByID()).CollectFields(ctx, nil).All(ctx)
}

// ByIDs is the regions with these ids.
func (s *Service) ByIDs(ctx context.Context, ids []string) (map[string]*ent.Region, error) {
	rows, err := s.store.Client(ctx).Region.Query().Where(region.IDIn(ids...)).CollectFields(ctx, nil).All(ctx)
	found := make(map[string]*ent.Region, len(rows))
	for _, row := range rows {
		found[row.ID] = row
	}
	return found, err
}

// Create adds a region.
func (s *Service) Create(ctx context.Context, in CreateInput) (*ent.Region, error) {
	if v := viewer.From(ctx); !policy.IsEditor(v) {
		return nil, policy.Denied(v)
	}
	id, content := typeid.New(typeid.Region, s.store.Clock()), in.content()
	if err := content.check(id); err != nil {
		return nil, err
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Region, error) {
		return s.create(ctx, c, id, content)
	})
}

func (s *Service) create(ctx context.Context, c *ent.Client, id string, content Content) (*ent.Region, error) {
	now := s.store.Clock()
	row, err := c.Region.Create().SetID(id).SetSlug(content.Slug).SetName(content.Name).
		SetPosition(content.Position).SetCreatedAt(now).SetUpdatedAt(now).Save(ctx)
	if err != nil {
		return nil, content.taken(err)
	}
	return row, s.notice(ctx, c, changefeed.Created, row)
}

// Update changes a region. What changes nothing writes nothing.
func (s *Service) Update(ctx context.Context, in UpdateInput) (*ent.Region, error) {
	if v := viewer.From(ctx); !policy.IsEditor(v) {
		return nil, policy.Denied(v)
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Region, error) {
		row, err := s.hold(ctx, c, in.Region)
		if err != nil {
			return nil, err
		}
		before := contentOf(row)
		after := before
		after.change(in)
		if err := after.check(row.ID); err != nil || after == before {
			return row, err
		}
		row, err = row.Update().SetSlug(after.Slug).SetName(after.Name).SetPosition(after.Position).
			SetUpdatedAt(max(s.store.Clock(), row.UpdatedAt+1)).Save(ctx)
		if err != nil {
			return nil, after.taken(err)
		}
		return row, s.notice(ctx, c, changefeed.Updated, row)
	})
}

// Delete removes a region that has no articles.
func (s *Service) Delete(ctx context.Context, id string) error {
	if v := viewer.From(ctx); !policy.IsEditor(v) {
		return policy.Denied(v)
	}
	return s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		if _, err := s.hold(ctx, c, id); err != nil {
			return err
		}
		// Articles that the viewer may not see are in the way as well.
		used, err := c.Article.Query().Where(article.RegionID(id)).Exist(viewer.AsSystem(ctx))
		switch {
		case err != nil:
			return fmt.Errorf("look for articles of a region to delete: %w", err)
		case used:
			return errHasArticles
		}
		if err := c.Region.DeleteOneID(id).Exec(ctx); err != nil {
			return fmt.Errorf("delete a region: %w", err)
		}
		return s.log.Append(ctx, c, changefeed.Entry{Kind: changefeed.Deleted, Type: "Region", ID: id})
	})
}

// Ensure finds a region by its slug, or creates it with that name. It is for
// imports: repeating it, or running it several times at once, makes nothing twice.
func (s *Service) Ensure(ctx context.Context, address, name string) (*ent.Region, error) {
	if v := viewer.From(ctx); !policy.IsEditor(v) {
		return nil, policy.Denied(v)
	}
	if err := slug.Check(address); err != nil {
		return nil, fault.Invalid{{Code: "INVALID", Field: []string{"slug"}, Message: err.Error()}}
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Region, error) {
		known := c.Region.Query().Where(region.Slug(address))
		row, err := known.Clone().Only(ctx)
		if !ent.IsNotFound(err) {
			return row, err
		}
		if err := s.store.Lock(ctx, c, "LOCK TABLE regions IN SHARE ROW EXCLUSIVE MODE"); err != nil {
			return nil, err
		}
		if row, err = known.Only(ctx); !ent.IsNotFound(err) {
			return row, err
		}
		id, content := typeid.New(typeid.Region, s.store.Clock()), Content{Slug: address, Name: name}
		if err := content.check(id); err != nil {
			return nil, err
		}
		return s.create(ctx, c, id, content)
	})
}

var (
	errNotFound    = fault.New(fault.NotFound, "there is no such region")
	errHasArticles = fault.Invalid{{Code: "NOT_ALLOWED", Field: []string{"id"},
		Message: "the region still has articles, perhaps hidden ones; move or delete them first"}}
)

// hold reads a region that nobody else may change, or put an article into, until
// the transaction ends: the database would take the region off such an article
// without a word when the region is deleted.
func (s *Service) hold(ctx context.Context, c *ent.Client, id string) (*ent.Region, error) {
	if !typeid.Is(typeid.Region, id) {
		return nil, errNotFound
	}
	if err := s.store.Lock(ctx, c, "SELECT id FROM regions WHERE id = $1 FOR UPDATE", id); err != nil {
		return nil, err
	}
	row, err := c.Region.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, errNotFound
	}
	return row, err
}

func (c Content) taken(err error) error {
	if store.IsUnique(err) {
		var bad fault.Invalid
		bad.Add("TAKEN", "slug", "another region has the slug %q; choose another", c.Slug)
		return bad
	}
	return fmt.Errorf("save a region: %w", err)
}

func (s *Service) notice(ctx context.Context, c *ent.Client, kind changefeed.Kind, row *ent.Region) error {
	return s.log.Append(ctx, c, changefeed.RegionEntry(kind, row))
}
