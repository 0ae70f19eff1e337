// Package category keeps the tree in which articles are filed: at most six
// levels, never a category below itself, never one deleted that still holds
// something.
package category

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/category"
	"github.com/tonggao/tonggao/internal/changes"
	"github.com/tonggao/tonggao/internal/fault"
	"github.com/tonggao/tonggao/internal/gid"
	"github.com/tonggao/tonggao/internal/policy"
	"github.com/tonggao/tonggao/internal/slug"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/viewer"
)

// Levels is how deep the tree may be.
const Levels = 6

const maxName = 50

// Service is what can be done with categories.
type Service struct {
	store *store.Store
	log   *changes.Log
}

// New is the service on s.
func New(s *store.Store, log *changes.Log) *Service { return &Service{store: s, log: log} }

// Create adds a category.
func (s *Service) Create(ctx context.Context, in CreateInput) (*ent.Category, error) {
	if v := viewer.From(ctx); !policy.IsEditor(v) {
		return nil, policy.Denied(v)
	}
	now := s.store.Clock()
	id := gid.New(gid.Category, now)
	name, address := strings.TrimSpace(in.Name), slug.FromID(id)
	var bad fault.Invalid
	checkName(&bad, name)
	if in.Slug != nil {
		address = *in.Slug
		checkSlug(&bad, address)
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Category, error) {
		create := c.Category.Create().SetID(id).SetSlug(address).SetName(name).SetPosition(in.Position).
			SetCreatedAt(now).SetUpdatedAt(now)
		if in.Parent != nil && *in.Parent != "" {
			if err := s.checkParent(ctx, c, "", *in.Parent); err != nil {
				return nil, err
			}
			create.SetParentID(*in.Parent)
		}
		row, err := create.Save(ctx)
		if err != nil {
			return nil, taken(err)
		}
		return row, s.log.Append(ctx, c, entry(changes.Created, row))
	})
}

// Update renames or moves a category.
func (s *Service) Update(ctx context.Context, in UpdateInput) (*ent.Category, error) {
	if v := viewer.From(ctx); !policy.IsEditor(v) {
		return nil, policy.Denied(v)
	}
	var bad fault.Invalid
	if in.Name != nil {
		*in.Name = strings.TrimSpace(*in.Name)
		checkName(&bad, *in.Name)
	}
	if in.Slug != nil {
		checkSlug(&bad, *in.Slug)
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Category, error) {
		if _, err := find(ctx, c, in.Category); err != nil {
			return nil, err
		}
		update, kind := c.Category.UpdateOneID(in.Category).SetUpdatedAt(s.store.Clock()), changes.Updated
		update.SetNillableName(in.Name).SetNillableSlug(in.Slug).SetNillablePosition(in.Position)
		if in.Parent != nil {
			if err := s.move(ctx, c, update, in.Category, *in.Parent); err != nil {
				return nil, err
			}
			kind = changes.Moved
		}
		row, err := update.Save(ctx)
		if err != nil {
			return nil, taken(err)
		}
		return row, s.log.Append(ctx, c, entry(kind, row))
	})
}

func (s *Service) move(ctx context.Context, c *ent.Client, update *ent.CategoryUpdateOne, id, parent string) error {
	if parent == "" {
		update.ClearParentID()
		return nil
	}
	update.SetParentID(parent)
	return s.checkParent(ctx, c, id, parent)
}

// Delete removes a category that is empty.
func (s *Service) Delete(ctx context.Context, id string) error {
	if v := viewer.From(ctx); !policy.IsEditor(v) {
		return policy.Denied(v)
	}
	return s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		if _, err := find(ctx, c, id); err != nil {
			return err
		}
		children, err := c.Category.Query().Where(category.ParentID(id)).Exist(ctx)
		if err != nil {
			return err
		}
		articles, err := c.Article.Query().Where(article.CategoryID(id)).Exist(viewer.AsSystem(ctx))
		if err != nil {
			return err
		}
		if children || articles {
			return notEmpty
		}
		if err := c.Category.DeleteOneID(id).Exec(ctx); err != nil {
			if store.IsReferenced(err) {
				return notEmpty
			}
			return err
		}
		return s.log.Append(ctx, c, changes.Entry{Kind: changes.Deleted, Type: "Category", ID: id})
	})
}

var notEmpty = fault.Invalid{{Code: "NOT_ALLOWED", Field: []string{"id"},
	Message: "the category still holds articles or categories; move or delete them first"}}

// Node is one step of a path for Ensure. Slug may be empty.
type Node struct{ Name, Slug string }

// Ensure finds the category at the end of a path of names and creates what is
// missing of it.
func (s *Service) Ensure(ctx context.Context, path []Node) (leaf *ent.Category, err error) {
	err = s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		for _, step := range path {
			under := category.ParentIDIsNil()
			in := CreateInput{Name: step.Name}
			if leaf != nil {
				under, in.Parent = category.ParentID(leaf.ID), &leaf.ID
			}
			if step.Slug != "" {
				in.Slug = &step.Slug
			}
			found, err := c.Category.Query().Where(category.Name(step.Name), under).First(ctx)
			if ent.IsNotFound(err) {
				found, err = s.Create(ctx, in)
			}
			if err != nil {
				return err
			}
			leaf = found
		}
		return nil
	})
	if err == nil && leaf != nil && ent.TxFromContext(ctx) == nil {
		leaf = leaf.Unwrap()
	}
	return leaf, err
}

// checkParent says why a category, or a new one where id is empty, cannot go
// below parent.
func (s *Service) checkParent(ctx context.Context, c *ent.Client, id, parent string) error {
	var bad fault.Invalid
	above, err := s.above(ctx, c, parent)
	switch {
	case err != nil:
		return err
	case len(above) == 0:
		bad.Add("UNKNOWN", "parent", "there is no such category")
	case id != "" && above[id]:
		bad.Add("INVALID", "parent", "a category cannot lie below itself")
	default:
		height, err := s.height(ctx, c, id)
		if err != nil {
			return err
		}
		if len(above)+height > Levels {
			bad.Add("INVALID", "parent", "the tree would have more than %d levels", Levels)
		}
	}
	return bad.Err()
}

// above is the ids from a category up to the top, its own included; none where
// there is no such category.
func (s *Service) above(ctx context.Context, c *ent.Client, id string) (map[string]bool, error) {
	ids := make(map[string]bool)
	for id != "" && !ids[id] {
		row, err := c.Category.Get(ctx, id)
		if ent.IsNotFound(err) {
			return ids, nil
		}
		if err != nil {
			return nil, err
		}
		ids[id] = true
		id = ""
		if row.ParentID != nil {
			id = *row.ParentID
		}
	}
	return ids, nil
}

// height is how many levels a category and what is below it have; 1 for a new one.
func (s *Service) height(ctx context.Context, c *ent.Client, id string) (int, error) {
	levels, ids := 1, []string{id}
	for id != "" && levels <= Levels {
		below, err := c.Category.Query().Where(category.ParentIDIn(ids...)).IDs(ctx)
		if err != nil || len(below) == 0 {
			return levels, err
		}
		levels, ids = levels+1, below
	}
	return levels, nil
}

func find(ctx context.Context, c *ent.Client, id string) (*ent.Category, error) {
	row, err := c.Category.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, fault.New(fault.NotFound, "there is no such category")
	}
	return row, err
}

func checkName(bad *fault.Invalid, name string) {
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		bad.Add("REQUIRED", "name", "must not be empty")
	case n > maxName:
		bad.Add("TOO_LONG", "name", "has %d characters; at most %d fit", n, maxName)
	case strings.ContainsFunc(name, unicode.IsControl):
		bad.Add("INVALID", "name", "contains control characters; remove them")
	}
}

func checkSlug(bad *fault.Invalid, address string) {
	if err := slug.Check(address); err != nil {
		bad.Add("INVALID", "slug", "%v", err)
	}
}

func taken(err error) error {
	if store.IsUnique(err) {
		return fault.Invalid{{Code: "TAKEN", Field: []string{"slug"}, Message: "another category has this slug; choose another"}}
	}
	return err
}

func entry(kind changes.Kind, row *ent.Category) changes.Entry {
	return changes.Entry{Kind: kind, Type: "Category", ID: row.ID, Item: row}
}
