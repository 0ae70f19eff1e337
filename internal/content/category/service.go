// Package category keeps the tree in which articles are filed.
//
// The tree has at most six levels, no category is below itself, and none is deleted that
// still has articles or categories. A write locks out other writers of the tree until its
// transaction ends, so that this also holds for concurrent changes. The package does not
// list articles: it returns which categories are below which.
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
	"github.com/tonggao/tonggao/internal/store/idempotency"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/store/snapshot"
)

// Levels is how deep the tree may be.
const Levels = 6

// Service writes and reads categories.
type Service struct {
	store *store.Store
	log   *changefeed.Log
	kept  *snapshot.Table[tree]
}

// New returns a service on s that appends to log.
func New(s *store.Store, log *changefeed.Log) *Service {
	all := &Service{store: s, log: log}
	all.kept = snapshot.New(s, "Category", all.load)
	return all
}

// Create adds a category.
func (s *Service) Create(ctx context.Context, in CreateInput) (*ent.Category, error) {
	if err := policy.Require(ctx, policy.WriteCategories); err != nil {
		return nil, err
	}
	now := s.store.Clock()
	w := idempotency.Write{Operation: "createCategory", Key: in.IdempotencyKey, Input: in, ID: typeid.New(typeid.Category, now), At: now}
	var bad fault.Invalid
	content := in.content()
	content.check(&bad, w.ID)
	idempotency.Check(&bad, in.IdempotencyKey)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Category, error) {
		return idempotency.Once(ctx, c, w, func() (*ent.Category, error) {
			if err := s.lockTree(ctx, c); err != nil {
				return nil, err
			}
			return s.create(ctx, c, w.ID, content)
		}, c.Category.Get)
	})
}

// create saves a new category; the caller has locked the tree.
func (s *Service) create(ctx context.Context, c *ent.Client, id string, content Content) (*ent.Category, error) {
	if err := checkParent(ctx, c, "", string(content.Parent)); err != nil {
		return nil, err
	}
	now := s.store.Clock()
	create := c.Category.Create().SetID(id).SetCreatedAt(now).SetUpdatedAt(now)
	content.fill(create.Mutation())
	row, err := create.Save(ctx)
	if err != nil {
		return nil, content.saveError(err)
	}
	return row, s.log.Append(ctx, c, changefeed.CategoryEntry(changefeed.Created, row, nil))
}

// Update renames or moves a category. It writes nothing where nothing changes.
func (s *Service) Update(ctx context.Context, in UpdateInput) (*ent.Category, error) {
	if err := policy.Require(ctx, policy.WriteCategories); err != nil {
		return nil, err
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Category, error) {
		if err := s.lockTree(ctx, c); err != nil {
			return nil, err
		}
		row, err := find(ctx, c, in.Category)
		if err != nil {
			return nil, err
		}
		before, oldParent := contentOf(row), row.ParentID
		after := before
		after.change(in)
		var bad fault.Invalid
		if after.check(&bad, row.ID); bad != nil || after == before {
			return row, bad.Err()
		}
		kind := changefeed.Updated
		if after.Parent != before.Parent {
			kind = changefeed.Moved
			if err := checkParent(ctx, c, row.ID, string(after.Parent)); err != nil {
				return nil, err
			}
		}
		update := row.Update().SetUpdatedAt(max(s.store.Clock(), row.UpdatedAt+1))
		after.fill(update.Mutation())
		if row, err = update.Save(ctx); err != nil {
			return nil, after.saveError(err)
		}
		return row, s.log.Append(ctx, c, changefeed.CategoryEntry(kind, row, oldParent))
	})
}

// Delete removes a category that is empty.
func (s *Service) Delete(ctx context.Context, id string) error {
	if err := policy.Require(ctx, policy.WriteCategories); err != nil {
		return err
	}
	return s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		if err := s.lockTree(ctx, c); err != nil {
			return err
		}
		if _, err := find(ctx, c, id); err != nil {
			return err
		}
		children, err := c.Category.Query().Where(category.ParentID(id)).Exist(ctx)
		if err != nil {
			return fmt.Errorf("look for children of %s: %w", id, err)
		}
		articles, err := c.Article.Query().Where(article.CategoryID(id)).Exist(viewer.AsSystem(ctx)) // also those that the viewer may not see
		if err != nil {
			return fmt.Errorf("look for articles of %s: %w", id, err)
		}
		if children || articles {
			return errNotEmpty
		}
		switch err := c.Category.DeleteOneID(id).Exec(ctx); {
		case store.IsReferenced(err): // by an article that was filed concurrently
			return errNotEmpty
		case err != nil:
			return fmt.Errorf("delete %s: %w", id, err)
		}
		return s.log.Append(ctx, c, changefeed.Entry{Kind: changefeed.Deleted, Type: "Category", ID: id})
	})
}

var (
	errNotFound = fault.New(fault.NotFound, "there is no such category")
	errNotEmpty = fault.Invalid{{Code: "NOT_ALLOWED", Field: []string{"id"},
		Message: "the category still has articles or categories, perhaps hidden ones; move or delete them first"}}
)

func find(ctx context.Context, c *ent.Client, id string) (*ent.Category, error) {
	if !typeid.Is(typeid.Category, id) {
		return nil, errNotFound
	}
	row, err := c.Category.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", id, err)
	}
	return row, nil
}

// lockTree locks out other writers of the tree until the transaction ends: two concurrent
// moves could each be valid and together make a cycle. On SQLite there is one writer.
func (s *Service) lockTree(ctx context.Context, c *ent.Client) error {
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

// saveError returns err, why saving c failed, as an error for the user where it is one.
func (c Content) saveError(err error) error {
	if store.IsUnique(err) {
		var bad fault.Invalid
		bad.Add("TAKEN", "slug", "another category has the slug %q; choose another", c.Slug)
		return bad
	}
	return fmt.Errorf("save a category: %w", err)
}
