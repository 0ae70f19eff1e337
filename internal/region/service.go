// Package region keeps the parts of the country that have a view of their own.
package region

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/region"
	"github.com/tonggao/tonggao/internal/changes"
	"github.com/tonggao/tonggao/internal/fault"
	"github.com/tonggao/tonggao/internal/gid"
	"github.com/tonggao/tonggao/internal/policy"
	"github.com/tonggao/tonggao/internal/slug"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/viewer"
)

const maxName = 50

// Service is what can be done with regions.
type Service struct {
	store *store.Store
	log   *changes.Log
}

// New is the service on s.
func New(s *store.Store, log *changes.Log) *Service { return &Service{store: s, log: log} }

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
	now := s.store.Clock()
	id := gid.New(gid.Region, now)
	name, address := strings.TrimSpace(in.Name), slug.FromID(id)
	if in.Slug != nil {
		address = *in.Slug
	}
	if err := check(&name, &address); err != nil {
		return nil, err
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Region, error) {
		row, err := c.Region.Create().SetID(id).SetSlug(address).SetName(name).SetPosition(in.Position).
			SetCreatedAt(now).SetUpdatedAt(now).Save(ctx)
		if err != nil {
			return nil, taken(err)
		}
		return row, s.log.Append(ctx, c, entry(changes.Created, row))
	})
}

// Update changes a region.
func (s *Service) Update(ctx context.Context, in UpdateInput) (*ent.Region, error) {
	if v := viewer.From(ctx); !policy.IsEditor(v) {
		return nil, policy.Denied(v)
	}
	if in.Name != nil {
		*in.Name = strings.TrimSpace(*in.Name)
	}
	if err := check(in.Name, in.Slug); err != nil {
		return nil, err
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Region, error) {
		row, err := c.Region.UpdateOneID(in.Region).SetNillableName(in.Name).SetNillableSlug(in.Slug).
			SetNillablePosition(in.Position).SetUpdatedAt(s.store.Clock()).Save(ctx)
		if ent.IsNotFound(err) {
			return nil, errNotFound
		}
		if err != nil {
			return nil, taken(err)
		}
		return row, s.log.Append(ctx, c, entry(changes.Updated, row))
	})
}

var errNotFound = fault.New(fault.NotFound, "there is no such region")

// Delete removes a region that has no articles.
func (s *Service) Delete(ctx context.Context, id string) error {
	if v := viewer.From(ctx); !policy.IsEditor(v) {
		return policy.Denied(v)
	}
	return s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		used, err := c.Article.Query().Where(article.RegionID(id)).Exist(viewer.AsSystem(ctx))
		if err != nil {
			return err
		}
		if used {
			return hasArticles
		}
		switch err := c.Region.DeleteOneID(id).Exec(ctx); {
		case ent.IsNotFound(err):
			return errNotFound
		case store.IsReferenced(err):
			return hasArticles
		case err != nil:
			return err
		}
		return s.log.Append(ctx, c, changes.Entry{Kind: changes.Deleted, Type: "Region", ID: id})
	})
}

var hasArticles = fault.Invalid{{Code: "NOT_ALLOWED", Field: []string{"id"},
	Message: "the region still has articles; move or delete them first"}}

// Ensure finds a region by its slug, or creates it.
func (s *Service) Ensure(ctx context.Context, address, name string) (*ent.Region, error) {
	row, err := s.store.Client(ctx).Region.Query().Where(region.Slug(address)).Only(ctx)
	if ent.IsNotFound(err) {
		return s.Create(ctx, CreateInput{Name: name, Slug: &address})
	}
	return row, err
}

func check(name, address *string) error {
	var bad fault.Invalid
	if name != nil {
		switch n := utf8.RuneCountInString(*name); {
		case n == 0:
			bad.Add("REQUIRED", "name", "must not be empty")
		case n > maxName:
			bad.Add("TOO_LONG", "name", "has %d characters; at most %d fit", n, maxName)
		case strings.ContainsFunc(*name, unicode.IsControl):
			bad.Add("INVALID", "name", "contains control characters; remove them")
		}
	}
	if address != nil {
		if err := slug.Check(*address); err != nil {
			bad.Add("INVALID", "slug", "%v", err)
		}
	}
	return bad.Err()
}

func taken(err error) error {
	if store.IsUnique(err) {
		return fault.Invalid{{Code: "TAKEN", Field: []string{"slug"}, Message: "another region has this slug; choose another"}}
	}
	return err
}

func entry(kind changes.Kind, row *ent.Region) changes.Entry {
	return changes.Entry{Kind: kind, Type: "Region", ID: row.ID, Item: row}
}
