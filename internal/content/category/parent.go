package category

import (
	"context"
	"fmt"
	"slices"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/category"
	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// checkParent says why a category, or a new one where id is empty, cannot go
// below parent; an empty parent is the top, where everything may go.
func (s *Service) checkParent(ctx context.Context, c *ent.Client, id, parent string) error {
	if parent == "" {
		return nil
	}
	var bad fault.Invalid
	way, err := s.above(ctx, c, parent)
	if err != nil {
		return err
	}
	height, err := s.height(ctx, c, id)
	switch {
	case err != nil:
		return err
	case len(way) == 0:
		bad.Add("UNKNOWN", "parent", "there is no such category")
	case slices.Contains(way, id):
		bad.Add("INVALID", "parent", "a category cannot lie below itself; choose one that is not below it")
	case len(way)+height > Levels:
		bad.Add("INVALID", "parent", "the tree would have %d levels; at most %d are possible, so choose a category further up", len(way)+height, Levels)
	}
	return bad.Err()
}

// above is the ids from a category up to the top, its own first; none where there
// is no such category.
func (s *Service) above(ctx context.Context, c *ent.Client, id string) (way []string, err error) {
	for next := &id; next != nil && len(way) <= Levels; {
		row, err := find(ctx, c, *next)
		if fault.Is(err, fault.NotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("follow the tree of categories upwards: %w", err)
		}
		way, next = append(way, row.ID), row.ParentID
	}
	return way, nil
}

// height is how many levels a category and what is below it have; 1 for a new one,
// which has no id.
func (s *Service) height(ctx context.Context, c *ent.Client, id string) (int, error) {
	levels := 1
	for ids := []string{id}; id != "" && levels <= Levels; levels++ {
		below, err := c.Category.Query().Where(category.ParentIDIn(ids...)).IDs(ctx)
		if err != nil {
			return 0, fmt.Errorf("follow the tree of categories downwards: %w", err)
		}
		if len(below) == 0 {
			break
		}
		ids = below
	}
	return levels, nil
}
