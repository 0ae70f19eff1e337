// Package category keeps the tree in which articles are filed.
//
// The tree has at most six levels, no category lies below itself, and none is
// deleted that still holds something. Whoever writes to the tree is alone with it
// until the transaction ends, so that this also holds for changes made at the same
// moment. The package refuses to list articles: it only says which categories lie
// below which.
package category

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/category"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Levels is how deep the tree may be.
const Levels = 6

// Service is what can be done with categories.
type Service struct {
	store *store.Store
	log   *changefeed.Log
}

// New is the service on s.
func New(s *store.Store, log *changefeed.Log) *Service { return &Service{store: s, log: log} }

// Create adds a category.
func (s *Service) Create(ctx context.Context, in CreateInput) (*ent.Category, error) {
	if v := viewer.From(ctx); !policy.IsEditor(v) {
		return nil, policy.Denied(v)
	}
	id, content := typeid.New(typeid.Category, s.store.Clock()), in.content()
	if err := content.check(id); err != nil {
		return nil, err
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Category, error) {
		if err := s.alone(ctx, c); err != nil {
			return nil, err
		}
		return s.create(ctx, c, id, content)
	})
}

// create saves a new category; the caller is alone with the tree.
func (s *Service) create(ctx context.Context, c *ent.Client, id string, content Content) (*ent.Category, error) {
	if err := s.checkParent(ctx, c, "", string(content.Parent)); err != nil {
		return nil, err
	}
	now := s.store.Clock()
	create := c.Category.Create().SetID(id).SetCreatedAt(now).SetUpdatedAt(now)
	content.fill(create.Mutation())
	row, err := create.Save(ctx)
	if err != nil {
		return nil, content.taken(err)
	}
	return row, s.notice(ctx, c, changefeed.Created, row, nil)
}

// Update renames or moves a category. What changes nothing writes nothing.
func (s *Service) Update(ctx context.Context, in UpdateInput) (*ent.Category, error) {
	if v := viewer.From(ctx); !policy.IsEditor(v) {
		return nil, policy.Denied(v)
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Category, error) {
		if err := s.alone(ctx, c); err != nil {
			return nil, err
		}
		row, err := find(ctx, c, in.Category)
		if err != nil {
			return nil, err
		}
		before, below := contentOf(row), row.ParentID
		after := before
		after.change(in)
		if err := after.check(row.ID); err != nil || after == before {
			return row, err
		}
		kind := changefeed.Updated
		if after.Parent != before.Parent {
			kind = changefeed.Moved
			if err := s.checkParent(ctx, c, row.ID, string(after.Parent)); err != nil {
				return nil, err
			}
		}
		update := row.Update().SetUpdatedAt(max(s.store.Clock(), row.UpdatedAt+1))
		after.fill(update.Mutation())
		if row, err = update.Save(ctx); err != nil {
			return nil, after.taken(err)
		}
		return row, s.notice(ctx, c, kind, row, below)
	})
}

// Delete removes a category that is empty.
func (s *Service) Delete(ctx context.Context, id string) error {
	if v := viewer.From(ctx); !policy.IsEditor(v) {
		return policy.Denied(v)
	}
	return s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		if err := s.alone(ctx, c); err != nil {
			return err
		}
		if _, err := find(ctx, c, id); err != nil {
			return err
		}
		children, err := c.Category.Query().Where(category.ParentID(id)).Exist(ctx)
		if err != nil {
			return fmt.Errorf("look below a category to delete: %w", err)
		}
		// Articles that the viewer may not see are in the way as well.
		articles, err := c.Article.Query().Where(article.CategoryID(id)).Exist(viewer.AsSystem(ctx))
		if err != nil {
			return fmt.Errorf("look into a category to delete: %w", err)
		}
		if children || articles {
			return errNotEmpty
		}
		switch err := c.Category.DeleteOneID(id).Exec(ctx); {
		case store.IsReferenced(err): // by an article that was filed just now
			return errNotEmpty
		case err != nil:
			return fmt.Errorf("delete a category: %w", err)
		}
		return s.log.Append(ctx, c, changefeed.Entry{Kind: changefeed.Deleted, Type: "Category", ID: id})
	})
}

var (
	errNotFound = fault.New(fault.NotFound, "there is no such category")
	errNotEmpty = fault.Invalid{{Code: "NOT_ALLOWED", Field: []string{"id"},
		Message: "the category still holds articles or categories, perhaps hidden ones; move or delete them first"}}
)

func find(ctx context.Context, c *ent.Client, id string) (*ent.Category, error) {
	if !typeid.Is(typeid.Category, id) {
		return nil, errNotFound
	}
	row, err := c.Category.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, errNotFound
	}
	return row, err
}

// alone keeps other writers of the tree away until the transaction ends: two
// moves at the same moment could each be right and together make a circle. On
// SQLite every transaction is alone.
func (s *Service) alone(ctx context.Context, c *ent.Client) error {
	return s.store.Lock(ctx, c, "LOCK TABLE categories IN SHARE ROW EXCLUSIVE MODE")
}

func (c Content) fill(m *ent.CategoryMutation) {
	m.SetSlug(c.Slug)
	m.SetName(c.Name)
	m.SetPosition(c.Position)
	m.SetTerminals(c.Terminals)
	if c.Parent != "" {
		m.SetParentID(string(c.Parent))
	} else if !m.Op().Is(ent.OpCreate) {
		m.ClearParentID()
	}
}

func (c Content) taken(err error) error {
	if store.IsUnique(err) {
		var bad fault.Invalid
		bad.Add("TAKEN", "slug", "another category has the slug %q; choose another", c.Slug)
		return bad
	}
	return fmt.Errorf("save a category: %w", err)
}

func (s *Service) notice(ctx context.Context, c *ent.Client, kind changefeed.Kind, row *ent.Category, before *string) error {
	return s.log.Append(ctx, c, changefeed.CategoryEntry(kind, row, before))
}
