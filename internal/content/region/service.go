// Package region keeps the parts of the country that have a view of their own.
//
// The slug of a region is unique, and no region is deleted that still has articles. What
// belongs to no region belongs to the whole country, which is not a region.
package region

import (
	"context"
	"fmt"
	"slices"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/region"
	"github.com/tonggao/tonggao/internal/foundation/dataloader"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/slug"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/idempotency"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/store/snapshot"
)

// Service writes and reads regions.
type Service struct {
	store *store.Store
	log   *changefeed.Log
	kept  *snapshot.Table[[]*ent.Region]
}

// New returns a service on s that appends to log.
func New(s *store.Store, log *changefeed.Log) *Service {
	all := func(ctx context.Context) ([]*ent.Region, error) {
		return s.Client(ctx).Region.Query().Order(region.ByPosition(), region.ByID()).All(ctx)
	}
	return &Service{s, log, snapshot.New(s, "Region", all)}
}

// find returns copies for one request of the regions that match; false where they must be
// read from the database.
func (s *Service) find(ctx context.Context, match func(*ent.Region) bool) ([]*ent.Region, bool, error) {
	all, err := s.kept.Get(ctx)
	if all == nil || err != nil {
		return nil, false, err
	}
	copies := snapshot.Copy(func(row *ent.Region) *dataloader.Group[*ent.Region] { return &row.Group })
	found := []*ent.Region{}
	for _, row := range *all {
		if match(row) {
			found = append(found, copies.Add(row))
		}
	}
	copies.Bind()
	return found, true, nil
}

// List returns all regions, in the editors' order.
func (s *Service) List(ctx context.Context) ([]*ent.Region, error) {
	if rows, ok, err := s.find(ctx, func(*ent.Region) bool { return true }); ok || err != nil {
		return rows, err
	}
	rows, err := s.store.Client(ctx).Region.Query().Order(region.ByPosition(), region.ByID()).CollectFields(ctx, nil).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list regions: %w", err)
	}
	return rows, nil
}

// Get returns a region by its id or by its slug.
func (s *Service) Get(ctx context.Context, id, address *string) (*ent.Region, error) {
	q := s.store.Client(ctx).Region.Query()
	var match func(*ent.Region) bool
	switch {
	case (id == nil) == (address == nil):
		return nil, fault.New(fault.BadUserInput, "give either the id or the slug of the region")
	case id != nil && typeid.Is(typeid.Region, *id):
		q.Where(region.ID(*id))
		match = func(row *ent.Region) bool { return row.ID == *id }
	case address != nil && slug.Check(*address) == nil:
		q.Where(region.Slug(*address))
		match = func(row *ent.Region) bool { return row.Slug == *address }
	default:
		return nil, errNotFound
	}
	if rows, ok, err := s.find(ctx, match); ok || err != nil {
		if err == nil && len(rows) == 0 {
			err = errNotFound
		}
		return first(rows), err
	}
	row, err := q.CollectFields(ctx, nil).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read a region: %w", err)
	}
	return row, nil
}

func first(rows []*ent.Region) *ent.Region {
	if len(rows) == 0 {
		return nil
	}
	return rows[0]
}

// ByIDs returns the regions with these ids.
func (s *Service) ByIDs(ctx context.Context, ids []string) (map[string]*ent.Region, error) {
	if rows, ok, err := s.find(ctx, func(row *ent.Region) bool { return slices.Contains(ids, row.ID) }); ok || err != nil {
		return store.ByKey(rows, func(row *ent.Region) string { return row.ID }), err
	}
	rows, err := s.store.Client(ctx).Region.Query().Where(region.IDIn(ids...)).CollectFields(ctx, nil).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read regions by id: %w", err)
	}
	return store.ByKey(rows, func(row *ent.Region) string { return row.ID }), nil
}

// Create adds a region.
func (s *Service) Create(ctx context.Context, in CreateInput) (*ent.Region, error) {
	if err := policy.Require(ctx, policy.WriteRegions); err != nil {
		return nil, err
	}
	now := s.store.Clock()
	w := idempotency.Write{Operation: "createRegion", Key: in.IdempotencyKey, Input: in, ID: typeid.New(typeid.Region, now), At: now}
	var bad fault.Invalid
	content := in.content()
	content.check(&bad, w.ID)
	idempotency.Check(&bad, in.IdempotencyKey)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Region, error) {
		return idempotency.Once(ctx, c, w, func() (*ent.Region, error) { return s.create(ctx, c, w.ID, content) }, c.Region.Get)
	})
}

func (s *Service) create(ctx context.Context, c *ent.Client, id string, content Content) (*ent.Region, error) {
	now := s.store.Clock()
	row, err := c.Region.Create().SetID(id).SetSlug(content.Slug).SetName(content.Name).
		SetPosition(content.Position).SetCreatedAt(now).SetUpdatedAt(now).Save(ctx)
	if err != nil {
		return nil, content.saveError(err)
	}
	return row, s.log.Append(ctx, c, changefeed.RegionEntry(changefeed.Created, row))
}

// Update changes a region. It writes nothing where nothing changes.
func (s *Service) Update(ctx context.Context, in UpdateInput) (*ent.Region, error) {
	if err := policy.Require(ctx, policy.WriteRegions); err != nil {
		return nil, err
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Region, error) {
		row, err := s.lock(ctx, c, store.ForChange, in.Region)
		if err != nil {
			return nil, err
		}
		before := contentOf(row)
		after := before
		after.change(in)
		var bad fault.Invalid
		if after.check(&bad, row.ID); bad != nil || after == before {
			return row, bad.Err()
		}
		row, err = row.Update().SetSlug(after.Slug).SetName(after.Name).SetPosition(after.Position).
			SetUpdatedAt(max(s.store.Clock(), row.UpdatedAt+1)).Save(ctx)
		if err != nil {
			return nil, after.saveError(err)
		}
		return row, s.log.Append(ctx, c, changefeed.RegionEntry(changefeed.Updated, row))
	})
}

// Delete removes a region that has no articles.
func (s *Service) Delete(ctx context.Context, id string) error {
	if err := policy.Require(ctx, policy.WriteRegions); err != nil {
		return err
	}
	return s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		if _, err := s.lock(ctx, c, store.ForDelete, id); err != nil {
			return err
		}
		used, err := c.Article.Query().Where(article.RegionID(id)).Exist(viewer.AsSystem(ctx)) // also those that the viewer may not see
		if err != nil {
			return fmt.Errorf("look for articles of %s: %w", id, err)
		}
		if used {
			return errHasArticles
		}
		if err := c.Region.DeleteOneID(id).Exec(ctx); err != nil {
			return fmt.Errorf("delete %s: %w", id, err)
		}
		return s.log.Append(ctx, c, changefeed.Entry{Kind: changefeed.Deleted, Type: "Region", ID: id})
	})
}

var (
	errNotFound    = fault.New(fault.NotFound, "there is no such region")
	errHasArticles = fault.Invalid{{Code: "NOT_ALLOWED", Field: []string{"id"},
		Message: "the region still has articles, perhaps hidden ones; move or delete them first"}}
)

// lock reads a region and locks its row until the transaction ends, so that it is not
// changed concurrently; for deletion also so that no article is put into it: the database
// would clear the region of such an article.
func (s *Service) lock(ctx context.Context, c *ent.Client, how store.RowLock, id string) (*ent.Region, error) {
	if !typeid.Is(typeid.Region, id) {
		return nil, errNotFound
	}
	if err := s.store.LockRows(ctx, c, how, region.Table, id); err != nil {
		return nil, err
	}
	row, err := c.Region.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", id, err)
	}
	return row, nil
}

// saveError returns err, why saving c failed, as an error for the user where it is one.
func (c Content) saveError(err error) error {
	if store.IsUnique(err) {
		var bad fault.Invalid
		bad.Add("TAKEN", "slug", "another region has the slug %q; choose another", c.Slug)
		return bad
	}
	return fmt.Errorf("save a region: %w", err)
}
