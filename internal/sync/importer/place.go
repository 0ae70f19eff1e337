package importer

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	entcategory "github.com/tonggao/tonggao/ent/category"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/slug"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/sync/archive"
)

func (r *reading) putSite(ctx context.Context, facts site.Facts) (article.Outcome, error) {
	have, err := r.site.Get(ctx)
	if err != nil || equal(have, facts) {
		return article.Unchanged, err
	}
	return article.Updated, r.site.Put(ctx, facts)
}

func (r *reading) putRegion(ctx context.Context, c *ent.Client, is archive.Region) (article.Outcome, error) {
	return upsert[archive.Region, *ent.Region]{
		kind: typeid.Region, id: func(t archive.Region) string { return t.ID }, find: c.Region.Get, line: archive.FromRegion,
		check: func(was *archive.Region, is archive.Region) error {
			if was != nil && was.CreatedAt != is.CreatedAt {
				return errFixed
			}
			return checkNames(is.Name, is.Slug)
		},
		create: func(t archive.Region) error {
			return c.Region.Create().SetID(t.ID).SetSlug(t.Slug).SetName(t.Name).SetPosition(t.Position).
				SetCreatedAt(t.CreatedAt).SetUpdatedAt(t.UpdatedAt).Exec(ctx)
		},
		update: func(t archive.Region) error {
			return c.Region.UpdateOneID(t.ID).SetSlug(t.Slug).SetName(t.Name).SetPosition(t.Position).SetUpdatedAt(t.UpdatedAt).Exec(ctx)
		},
		notice: func(was *archive.Region, is archive.Region) error {
			r.notice(changefeed.RegionEntry(createdOr(was, changefeed.Updated), &ent.Region{ID: is.ID, Slug: is.Slug, Name: is.Name,
				Position: is.Position, CreatedAt: is.CreatedAt, UpdatedAt: is.UpdatedAt}))
			return nil
		},
	}.put(ctx, is)
}

func (r *reading) putPublisher(ctx context.Context, c *ent.Client, is archive.Publisher) (article.Outcome, error) {
	return upsert[archive.Publisher, *ent.Publisher]{
		kind: typeid.Publisher, id: func(t archive.Publisher) string { return t.ID }, find: c.Publisher.Get, line: archive.FromPublisher,
		check: func(was *archive.Publisher, is archive.Publisher) error {
			if was != nil && was.CreatedAt != is.CreatedAt {
				return errFixed
			}
			var bad fault.Invalid
			input.Name(&bad, "name", is.Name)
			return bad.Err()
		},
		create: func(t archive.Publisher) error {
			return c.Publisher.Create().SetID(t.ID).SetName(t.Name).SetPublic(t.Public).SetCreatedAt(t.CreatedAt).SetUpdatedAt(t.UpdatedAt).Exec(ctx)
		},
		update: func(t archive.Publisher) error {
			return c.Publisher.UpdateOneID(t.ID).SetName(t.Name).SetPublic(t.Public).SetUpdatedAt(t.UpdatedAt).Exec(ctx)
		},
		notice: func(was *archive.Publisher, is archive.Publisher) error {
			r.notice(changefeed.PublisherEntry(createdOr(was, changefeed.Updated), &ent.Publisher{ID: is.ID, Name: is.Name, Public: is.Public,
				CreatedAt: is.CreatedAt, UpdatedAt: is.UpdatedAt}))
			return nil
		},
	}.put(ctx, is)
}

func (r *reading) putCategory(ctx context.Context, c *ent.Client, is archive.Category) (article.Outcome, error) {
	return upsert[archive.Category, *ent.Category]{
		kind: typeid.Category, id: func(t archive.Category) string { return t.ID }, find: c.Category.Get, line: archive.FromCategory,
		check: func(was *archive.Category, is archive.Category) error { return r.checkCategory(ctx, c, was, is) },
		create: func(t archive.Category) error {
			return c.Category.Create().SetID(t.ID).SetSlug(t.Slug).SetName(t.Name).SetPosition(t.Position).SetNillableParentID(orNil(t.Parent)).
				SetTerminals(terminal.SetOf(t.Terminals...)).SetCreatedAt(t.CreatedAt).SetUpdatedAt(t.UpdatedAt).Exec(ctx)
		},
		update: func(t archive.Category) error {
			u := c.Category.UpdateOneID(t.ID).SetSlug(t.Slug).SetName(t.Name).SetPosition(t.Position).
				SetTerminals(terminal.SetOf(t.Terminals...)).SetUpdatedAt(t.UpdatedAt)
			if t.Parent == "" {
				return u.ClearParentID().Exec(ctx)
			}
			return u.SetParentID(string(t.Parent)).Exec(ctx)
		},
		notice: func(was *archive.Category, is archive.Category) error {
			kind, before := createdOr(was, changefeed.Updated), (*string)(nil)
			if was != nil && was.Parent != is.Parent {
				kind, before = changefeed.Moved, orNil(was.Parent)
			}
			r.notice(changefeed.CategoryEntry(kind, &ent.Category{ID: is.ID, Slug: is.Slug, Name: is.Name, ParentID: orNil(is.Parent),
				Position: is.Position, Terminals: terminal.SetOf(is.Terminals...), CreatedAt: is.CreatedAt, UpdatedAt: is.UpdatedAt}, before))
			return nil
		},
	}.put(ctx, is)
}

func (r *reading) checkCategory(ctx context.Context, c *ent.Client, was *archive.Category, is archive.Category) error {
	if was != nil && was.CreatedAt != is.CreatedAt {
		return errFixed
	}
	if len(is.Terminals) == 0 {
		return fault.New(fault.BadUserInput, "terminals: name at least one terminal")
	}
	if err := checkNames(is.Name, is.Slug); err != nil || was != nil && was.Parent == is.Parent {
		return err
	}
	// As in category.Service: two moves at the same moment could make a circle.
	if err := r.store.Lock(ctx, c, "LOCK TABLE categories IN SHARE ROW EXCLUSIVE MODE"); err != nil {
		return err
	}
	levels, err := height(ctx, c, is.ID)
	if err != nil {
		return err
	}
	for next := string(is.Parent); next != ""; levels++ {
		if next == is.ID {
			return fault.New(fault.BadUserInput, "parent: a category cannot lie below itself")
		}
		if levels >= category.Levels {
			return fault.New(fault.BadUserInput, "parent: the tree would have more than %d levels", category.Levels)
		}
		above, err := c.Category.Get(ctx, next)
		if ent.IsNotFound(err) {
			return errOrphan
		}
		if err != nil {
			return fmt.Errorf("follow the tree of categories upwards: %w", err)
		}
		next = ""
		if above.ParentID != nil {
			next = *above.ParentID
		}
	}
	return nil
}

// height is how many levels a category and what is below it have.
func height(ctx context.Context, c *ent.Client, id string) (int, error) {
	for levels, ids := 1, []string{id}; ; levels++ {
		below, err := c.Category.Query().Where(entcategory.ParentIDIn(ids...)).IDs(ctx)
		if err != nil {
			return 0, fmt.Errorf("follow the tree of categories downwards: %w", err)
		}
		if len(below) == 0 || levels > category.Levels {
			return levels, nil
		}
		ids = below
	}
}

func checkNames(name, address string) error {
	var bad fault.Invalid
	input.Name(&bad, "name", name)
	if err := slug.Check(address); err != nil {
		bad.Add("INVALID", "slug", "%v", err)
	}
	return bad.Err()
}

// createdOr is the kind of change of something that was not there, or else other.
func createdOr[T any](was *T, other changefeed.Kind) changefeed.Kind {
	if was == nil {
		return changefeed.Created
	}
	return other
}
