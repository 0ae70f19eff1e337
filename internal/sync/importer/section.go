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
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/sync/archive"
)

func (r *run) putSite(ctx context.Context, _ *ent.Client, facts site.Facts) (article.Outcome, error) {
	old, err := r.Site.Get(ctx)
	if err != nil {
		return "", fmt.Errorf("read the site: %w", err)
	}
	if equal(old, facts) {
		return article.Unchanged, nil
	}
	return article.Updated, r.Site.Put(ctx, facts)
}

func (r *run) putRegion(ctx context.Context, c *ent.Client, t archive.Region) (article.Outcome, error) {
	return upsert[archive.Region, *ent.Region]{
		kind: typeid.Region, find: c.Region.Get, line: archive.FromRegion,
		fixed: func(t archive.Region) any { return t.CreatedAt },
		clean: func(bad *fault.Invalid, t *archive.Region) {
			t.Name = input.Name(bad, "name", t.Name)
			checkSlug(bad, t.Slug)
		},
		create: func(t archive.Region) error {
			return c.Region.Create().SetID(t.ID).SetSlug(t.Slug).SetName(t.Name).SetPosition(t.Position).
				SetCreatedAt(t.CreatedAt).SetUpdatedAt(t.UpdatedAt).Exec(ctx)
		},
		update: func(t archive.Region) error {
			return c.Region.UpdateOneID(t.ID).SetSlug(t.Slug).SetName(t.Name).SetPosition(t.Position).SetUpdatedAt(t.UpdatedAt).Exec(ctx)
		},
		log: func(old *archive.Region, t archive.Region) error {
			r.log(changefeed.RegionEntry(createdOrUpdated(old), &ent.Region{ID: t.ID, Slug: t.Slug, Name: t.Name,
				Position: t.Position, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt}))
			return nil
		},
	}.put(ctx, t.ID, t)
}

func (r *run) putPublisher(ctx context.Context, c *ent.Client, t archive.Publisher) (article.Outcome, error) {
	return upsert[archive.Publisher, *ent.Publisher]{
		kind: typeid.Publisher, find: c.Publisher.Get, line: archive.FromPublisher,
		fixed: func(t archive.Publisher) any { return t.CreatedAt },
		clean: func(bad *fault.Invalid, t *archive.Publisher) { t.Name = input.Name(bad, "name", t.Name) },
		create: func(t archive.Publisher) error {
			return c.Publisher.Create().SetID(t.ID).SetName(t.Name).SetPublic(t.Public).SetCreatedAt(t.CreatedAt).SetUpdatedAt(t.UpdatedAt).Exec(ctx)
		},
		update: func(t archive.Publisher) error {
			return c.Publisher.UpdateOneID(t.ID).SetName(t.Name).SetPublic(t.Public).SetUpdatedAt(t.UpdatedAt).Exec(ctx)
		},
		log: func(old *archive.Publisher, t archive.Publisher) error {
			r.log(changefeed.PublisherEntry(createdOrUpdated(old), &ent.Publisher{ID: t.ID, Name: t.Name, Public: t.Public,
				CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt}))
			return nil
		},
	}.put(ctx, t.ID, t)
}

func (r *run) putCategory(ctx context.Context, c *ent.Client, t archive.Category) (article.Outcome, error) {
	return upsert[archive.Category, *ent.Category]{
		kind: typeid.Category, find: c.Category.Get, line: archive.FromCategory,
		fixed: func(t archive.Category) any { return t.CreatedAt },
		clean: func(bad *fault.Invalid, t *archive.Category) {
			t.Name = input.Name(bad, "name", t.Name)
			checkSlug(bad, t.Slug)
			if len(t.Terminals) == 0 {
				bad.Add("INVALID", "terminals", "name at least one terminal")
			}
		},
		check: func(old *archive.Category, t archive.Category) error {
			if old != nil && old.Parent == t.Parent {
				return nil
			}
			return r.checkParent(ctx, c, t)
		},
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
		log: func(old *archive.Category, t archive.Category) error {
			kind, before := createdOrUpdated(old), (*string)(nil)
			if old != nil && old.Parent != t.Parent {
				kind, before = changefeed.Moved, orNil(old.Parent)
			}
			r.log(changefeed.CategoryEntry(kind, &ent.Category{ID: t.ID, Slug: t.Slug, Name: t.Name, ParentID: orNil(t.Parent),
				Position: t.Position, Terminals: terminal.SetOf(t.Terminals...), CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt}, before))
			return nil
		},
	}.put(ctx, t.ID, t)
}

// checkParent returns an error if the tree would have a cycle or too many levels.
func (r *run) checkParent(ctx context.Context, c *ent.Client, t archive.Category) error {
	// As in category.Service: two moves at the same moment could make a cycle.
	if err := r.Store.Lock(ctx, c, "LOCK TABLE categories IN SHARE ROW EXCLUSIVE MODE"); err != nil {
		return err
	}
	levels, err := height(ctx, c, t.ID)
	if err != nil {
		return err
	}
	for next := string(t.Parent); next != ""; levels++ {
		if next == t.ID {
			return fault.New(fault.BadUserInput, "parent: a category cannot be below itself")
		}
		if levels >= category.Levels {
			return fault.New(fault.BadUserInput, "parent: the tree would have more than %d levels", category.Levels)
		}
		above, err := c.Category.Get(ctx, next)
		if ent.IsNotFound(err) {
			return errReference
		}
		if err != nil {
			return fmt.Errorf("read the ancestors of a category: %w", err)
		}
		next = ""
		if above.ParentID != nil {
			next = *above.ParentID
		}
	}
	return nil
}

// height returns the number of levels of a category and its descendants.
func height(ctx context.Context, c *ent.Client, id string) (int, error) {
	for levels, ids := 1, []string{id}; ; levels++ {
		below, err := c.Category.Query().Where(entcategory.ParentIDIn(ids...)).IDs(ctx)
		if err != nil {
			return 0, fmt.Errorf("read the descendants of a category: %w", err)
		}
		if len(below) == 0 || levels > category.Levels {
			return levels, nil
		}
		ids = below
	}
}

// createdOrUpdated returns the kind of change of a line.
func createdOrUpdated[T any](old *T) changefeed.Kind {
	if old == nil {
		return changefeed.Created
	}
	return changefeed.Updated
}
