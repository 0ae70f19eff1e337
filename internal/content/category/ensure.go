package category

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/category"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Node is one step of a path for Ensure. Without a slug, a new category gets one made
// from its id.
type Node struct{ Name, Slug string }

// Ensure returns the category at the end of a path of names, from a root down, and creates
// those of the path that do not exist. It is for imports and idempotent, also when it runs
// several times at once.
func (s *Service) Ensure(ctx context.Context, path []Node) (*ent.Category, error) {
	if err := policy.Require(ctx, policy.WriteCategories); err != nil {
		return nil, err
	}
	if len(path) == 0 {
		return nil, fault.New(fault.BadUserInput, "a path of categories needs at least one name")
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (row *ent.Category, err error) {
		for _, node := range path {
			if row, err = s.ensureChild(ctx, c, row, node); err != nil {
				return nil, err
			}
		}
		return row, nil
	})
}

// ensureChild finds or creates the category that node names below parent; nil is the root.
func (s *Service) ensureChild(ctx context.Context, c *ent.Client, parent *ent.Category, node Node) (*ent.Category, error) {
	id, content := typeid.New(typeid.Category, s.store.Clock()), Content{Name: node.Name, Slug: node.Slug, Terminals: terminal.Everywhere}
	below := category.ParentIDIsNil()
	if parent != nil {
		below, content.Parent = category.ParentID(parent.ID), optional.String(parent.ID)
	}
	var bad fault.Invalid
	if content.check(&bad, id); bad != nil {
		return nil, bad
	}
	query := c.Category.Query().Where(category.Name(content.Name), below).Order(category.ByID())
	return store.FindOrCreate(ctx, s.store, c, category.Table, func(ctx context.Context) (*ent.Category, error) { return query.Clone().First(ctx) },
		func() (*ent.Category, error) { return s.create(ctx, c, id, content) })
}
