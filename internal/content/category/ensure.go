package category

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/category"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Node is one step of a path for Ensure. Without a slug, one is made where the
// category is new.
type Node struct{ Name, Slug string }

// Ensure finds the category at the end of a path of names, from the top down, and
// creates what is missing of it. It is for imports: repeating it, or running it
// several times at once, makes nothing twice.
func (s *Service) Ensure(ctx context.Context, path []Node) (*ent.Category, error) {
	if v := viewer.From(ctx); !policy.IsEditor(v) {
		return nil, policy.Denied(v)
	}
	if len(path) == 0 {
		return nil, fault.New(fault.BadUserInput, "a path of categories needs at least one name")
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (at *ent.Category, err error) {
		for _, step := range path {
			if at, err = s.step(ctx, c, at, step); err != nil {
				return nil, err
			}
		}
		return at, nil
	})
}

// step finds or makes the category named by step below from; nil is the top. It
// waits for other writers only where the category seems to be missing, and then
// looks again.
func (s *Service) step(ctx context.Context, c *ent.Client, from *ent.Category, step Node) (*ent.Category, error) {
	id, content := typeid.New(typeid.Category, s.store.Clock()), Content{Name: step.Name, Slug: step.Slug, Terminals: terminal.Everywhere}
	under := category.ParentIDIsNil()
	if from != nil {
		under, content.Parent = category.ParentID(from.ID), optional.String(from.ID)
	}
	if err := content.check(id); err != nil {
		return nil, err
	}
	known := c.Category.Query().Where(category.Name(content.Name), under).Order(category.ByID())
	row, err := known.Clone().First(ctx)
	if !ent.IsNotFound(err) {
		return row, err
	}
	if err := s.alone(ctx, c); err != nil {
		return nil, err
	}
	if row, err = known.First(ctx); !ent.IsNotFound(err) {
		return row, err
	}
	return s.create(ctx, c, id, content)
}
