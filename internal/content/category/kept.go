package category

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/category"
	"github.com/tonggao/tonggao/internal/foundation/dataloader"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/store/snapshot"
)

// tree holds all categories in memory. It is shared by all requests and never modified.
type tree struct {
	rows     map[string]*ent.Category
	slugs    map[string]*ent.Category
	children map[string][]*ent.Category // by parent, in the editors' order; "": the roots
}

// load reads all categories.
func (s *Service) load(ctx context.Context) (tree, error) {
	t := tree{rows: map[string]*ent.Category{}, slugs: map[string]*ent.Category{}, children: map[string][]*ent.Category{}}
	rows, err := s.store.Client(ctx).Category.Query().Order(category.ByPosition(), category.ByID()).All(ctx)
	for _, row := range rows {
		t.rows[row.ID], t.slugs[row.Slug] = row, row
		t.children[parentOf(row)] = append(t.children[parentOf(row)], row)
	}
	return t, err
}

// parentOf returns the id of the parent; "" for a root.
func parentOf(row *ent.Category) string {
	if row.ParentID == nil {
		return ""
	}
	return *row.ParentID
}

// copies returns copies for one request of those of the rows that its terminals show.
func (t *tree) copies(ctx context.Context, rows ...*ent.Category) []*ent.Category {
	copies := snapshot.Copy(func(row *ent.Category) *dataloader.Group[*ent.Category] { return &row.Group })
	list := make([]*ent.Category, 0, len(rows))
	for _, row := range rows {
		if row != nil && policy.IsShown(ctx, t.shownOn(row.ID)) {
			list = append(list, copies.Add(row))
		}
	}
	copies.Bind()
	return list
}

// byIDs returns the rows with these ids.
func (t *tree) byIDs(ids []string) []*ent.Category {
	rows := make([]*ent.Category, len(ids))
	for i, id := range ids {
		rows[i] = t.rows[id]
	}
	return rows
}

// up calls do for the category with an id and its ancestors.
func (t *tree) up(id string, do func(*ent.Category)) {
	for row, level := t.rows[id], 0; row != nil && level < Levels; row, level = t.rows[parentOf(row)], level+1 {
		do(row)
	}
}

// shownOn returns the terminals that show the category with an id.
func (t *tree) shownOn(id string) terminal.Set {
	shown := terminal.Everywhere
	t.up(id, func(row *ent.Category) { shown &= row.Terminals })
	return shown
}

// withAncestors returns the categories with these ids and their ancestors.
func (t *tree) withAncestors(ids []string) (rows []*ent.Category) {
	seen := map[string]bool{}
	for _, id := range ids {
		t.up(id, func(row *ent.Category) {
			if !seen[row.ID] {
				seen[row.ID] = true
				rows = append(rows, row)
			}
		})
	}
	return rows
}

// below returns, for each of several categories, itself and its descendants.
func (t *tree) below(ids []string) (pairs pagination.Parents) {
	if t == nil {
		return nil
	}
	seen := map[string]bool{}
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			from := len(pairs)
			pairs = append(pairs, pagination.Parent{ID: id, Key: id})
			for at := from; at < len(pairs); at++ {
				for _, child := range t.children[pairs[at].Key] {
					pairs = append(pairs, pagination.Parent{ID: id, Key: child.ID})
				}
			}
		}
	}
	return pairs
}
