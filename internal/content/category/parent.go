package category

import (
	"context"
	"fmt"
	"slices"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/category"
	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// checkParent returns why a category, or a new one where id is empty, cannot be below
// parent. An empty parent makes it a root, which is always possible.
func checkParent(ctx context.Context, c *ent.Client, id, parent string) error {
	if parent == "" {
		return nil
	}
	ancestors, err := ancestors(ctx, c, parent)
	if err != nil {
		return err
	}
	height, err := height(ctx, c, id)
	if err != nil {
		return err
	}
	var bad fault.Invalid
	switch {
	case len(ancestors) == 0:
		bad.Add("UNKNOWN", "parent", "there is no such category")
	case slices.Contains(ancestors, id):
		bad.Add("INVALID", "parent", "a category cannot be below itself; choose one that is not below it")
	case len(ancestors)+height > Levels:
		bad.Add("INVALID", "parent", "the tree would have %d levels; at most %d are possible, so choose a category further up", len(ancestors)+height, Levels)
	}
	return bad.Err()
}

// ancestors returns the ids from a category up to its root, its own first; none where
// there is no such category.
func ancestors(ctx context.Context, c *ent.Client, id string) (ids []string, err error) {
	for next := &id; next != nil && len(ids) <= Levels; {
		row, err := find(ctx, c, *next)
		if fault.Is(err, fault.NotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		ids, next = append(ids, row.ID), row.ParentID
	}
	return ids, nil
}

// height returns how many levels the subtree of a category has; 1 for a new one, which
// has no id.
func height(ctx context.Context, c *ent.Client, id string) (int, error) {
	levels := 1
	for ids := []string{id}; id != "" && levels <= Levels; levels++ {
		below, err := c.Category.Query().Where(category.ParentIDIn(ids...)).IDs(ctx)
		if err != nil {
			return 0, fmt.Errorf("read the descendants of a category: %w", err)
		}
		if len(below) == 0 {
			break
		}
		ids = below
	}
	return levels, nil
}
