package category

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"entgo.io/ent/dialect"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/category"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/slug"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/pagination"
)

// Get returns one category, by id or by slug.
func (s *Service) Get(ctx context.Context, id, address *string) (*ent.Category, error) {
	q := s.store.Client(ctx).Category.Query()
	var find func(*tree) *ent.Category
	switch {
	case (id == nil) == (address == nil):
		return nil, fault.New(fault.BadUserInput, "give either the id or the slug of the category")
	case id != nil && typeid.Is(typeid.Category, *id):
		q.Where(category.ID(*id))
		find = func(t *tree) *ent.Category { return t.rows[*id] }
	case address != nil && slug.Check(*address) == nil:
		q.Where(category.Slug(*address))
		find = func(t *tree) *ent.Category { return t.slugs[*address] }
	default:
		return nil, errNotFound
	}
	t, err := s.kept.Get(ctx)
	if err != nil {
		return nil, fmt.Errorf("read a category: %w", err)
	}
	if t != nil {
		if list := t.copies(ctx, find(t)); len(list) > 0 {
			return list[0], nil
		}
		return nil, errNotFound
	}
	row, err := q.CollectFields(ctx, nil).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read a category: %w", err)
	}
	return row, nil
}

// Roots returns the categories at the top of the tree, in the editors' order.
func (s *Service) Roots(ctx context.Context) ([]*ent.Category, error) {
	t, err := s.kept.Get(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the root categories: %w", err)
	}
	if t != nil {
		return t.copies(ctx, t.children[""]...), nil
	}
	rows, err := s.store.Client(ctx).Category.Query().Where(category.ParentIDIsNil()).
		Order(category.ByPosition(), category.ByID()).CollectFields(ctx, nil).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the root categories: %w", err)
	}
	return rows, nil
}

// ByIDs returns the categories with these ids.
func (s *Service) ByIDs(ctx context.Context, ids []string) (map[string]*ent.Category, error) {
	t, err := s.kept.Get(ctx)
	if err != nil {
		return nil, fmt.Errorf("read categories by id: %w", err)
	}
	if t != nil {
		return byID(t.copies(ctx, t.byIDs(ids)...)), nil
	}
	rows, err := s.store.Client(ctx).Category.Query().Where(category.IDIn(ids...)).CollectFields(ctx, nil).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read categories by id: %w", err)
	}
	return byID(rows), nil
}

func byID(rows []*ent.Category) map[string]*ent.Category {
	return store.ByKey(rows, func(row *ent.Category) string { return row.ID })
}

// Children returns the categories directly below each of several, in the editors' order.
func (s *Service) Children(ctx context.Context, parents []string) (map[string][]*ent.Category, error) {
	t, err := s.kept.Get(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the children of categories: %w", err)
	}
	var rows []*ent.Category
	if t != nil {
		for _, parent := range parents {
			rows = append(rows, t.children[parent]...)
		}
		rows = t.copies(ctx, rows...)
	} else if rows, err = s.store.Client(ctx).Category.Query().Where(category.ParentIDIn(parents...)).
		Order(category.ByPosition(), category.ByID()).
		CollectFields(ctx, nil, category.FieldParentID).All(ctx); err != nil {
		return nil, fmt.Errorf("read the children of categories: %w", err)
	}
	children := make(map[string][]*ent.Category, len(parents))
	for _, row := range rows {
		children[*row.ParentID] = append(children[*row.ParentID], row)
	}
	return children, nil
}

// Terminals returns, for each of several categories, the terminals that show it: those
// from which neither it nor an ancestor is excluded.
func (s *Service) Terminals(ctx context.Context, ids []string) (map[string]terminal.Set, error) {
	shown := make(map[string]terminal.Set, len(ids))
	t, err := s.kept.Get(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the terminals of categories: %w", err)
	}
	if t != nil {
		for _, id := range ids {
			shown[id] = t.shownOn(id)
		}
		return shown, nil
	}
	pairs, all, err := s.upwards(ctx, ids)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Client(ctx).Category.Query().Where(category.IDIn(all...)).
		Select(category.FieldTerminals).All(viewer.AsSystem(ctx))
	if err != nil {
		return nil, fmt.Errorf("read the terminals of categories: %w", err)
	}
	found := byID(rows)
	for _, id := range ids {
		shown[id] = terminal.Everywhere
	}
	for _, p := range pairs {
		if row := found[p.Key]; row != nil {
			shown[p.ID] &= row.Terminals
		}
	}
	return shown, nil
}

// Breadcrumbs returns, for each of several categories, the path from its root down to it.
func (s *Service) Breadcrumbs(ctx context.Context, ids []string) (map[string][]*ent.Category, error) {
	t, err := s.kept.Get(ctx)
	if err != nil {
		return nil, fmt.Errorf("read breadcrumbs: %w", err)
	}
	var rows []*ent.Category
	if t != nil {
		rows = t.copies(ctx, t.withAncestors(ids)...)
	} else {
		_, all, err := s.upwards(ctx, ids)
		if err != nil {
			return nil, err
		}
		if rows, err = s.store.Client(ctx).Category.Query().Where(category.IDIn(all...)).
			CollectFields(ctx, nil, category.FieldParentID).All(ctx); err != nil {
			return nil, fmt.Errorf("read breadcrumbs: %w", err)
		}
	}
	found := byID(rows)
	crumbs := make(map[string][]*ent.Category, len(ids))
	for _, id := range ids {
		crumbs[id] = pathTo(found, id)
	}
	return crumbs, nil
}

// pathTo follows the parents up from id and returns them from the root down.
func pathTo(found map[string]*ent.Category, id string) []*ent.Category {
	var path []*ent.Category
	for row := found[id]; row != nil && len(path) < Levels; {
		path = append(path, row)
		if row.ParentID == nil {
			break
		}
		row = found[*row.ParentID]
	}
	slices.Reverse(path)
	return path
}

// Below returns, for each of several categories, itself and its descendants.
func (s *Service) Below(ctx context.Context, ids []string) (pagination.Parents, error) {
	if t, err := s.kept.Get(ctx); t != nil || err != nil {
		return t.below(ids), err
	}
	return s.closure(ctx, ids, `SELECT family.id, categories.id FROM family
		JOIN categories ON categories.parent_id = family.member`)
}

// upwards returns, for each of several categories, itself and its ancestors, and the ids
// of all of these.
func (s *Service) upwards(ctx context.Context, ids []string) (pairs pagination.Parents, all []string, err error) {
	pairs, err = s.closure(ctx, ids, `SELECT family.id, categories.parent_id FROM family
		JOIN categories ON categories.id = family.member WHERE categories.parent_id IS NOT NULL`)
	for _, p := range pairs {
		all = append(all, p.Key)
	}
	slices.Sort(all)
	return pairs, slices.Compact(all), err
}

// closure follows the tree from each id by step, the recursive part of the statement, and
// returns pairs of the id and what it reached; the id reaches itself.
func (s *Service) closure(ctx context.Context, ids []string, step string) (pagination.Parents, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list, _ := json.Marshal(ids) // strings always marshal
	start := "SELECT value, value FROM json_each(?)"
	if s.store.Engine == dialect.Postgres {
		start = "SELECT value::varchar, value::varchar FROM jsonb_array_elements_text($1::jsonb)"
	}
	rows, err := s.store.Client(ctx).QueryContext(ctx,
		"WITH RECURSIVE family (id, member) AS ("+start+" UNION "+step+") SELECT id, member FROM family", string(list))
	if err != nil {
		return nil, fmt.Errorf("follow the tree of categories: %w", err)
	}
	defer rows.Close()
	var pairs pagination.Parents
	for rows.Next() {
		var p pagination.Parent
		if err := rows.Scan(&p.ID, &p.Key); err != nil {
			return nil, fmt.Errorf("follow the tree of categories: %w", err)
		}
		pairs = append(pairs, p)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("follow the tree of categories: %w", err)
	}
	return pairs, nil
}
