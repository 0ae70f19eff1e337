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
	"github.com/tonggao/tonggao/internal/store/pagination"
)

// Get is one category, by id or by slug.
func (s *Service) Get(ctx context.Context, id, address *string) (*ent.Category, error) {
	q := s.store.Client(ctx).Category.Query()
	switch {
	case (id == nil) == (address == nil):
		return nil, fault.New(fault.BadUserInput, "give either the id or the slug of the category")
	case id != nil && typeid.Is(typeid.Category, *id):
		q.Where(category.ID(*id))
	case address != nil && slug.Check(*address) == nil:
		q.Where(category.Slug(*address))
	default:
		return nil, errNotFound
	}
	row, err := q.CollectFields(ctx, nil).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, errNotFound
	}
	return row, err
}

// Roots is the categories at the top of the tree, in the editors' order.
func (s *Service) Roots(ctx context.Context) ([]*ent.Category, error) {
	return s.store.Client(ctx).Category.Query().Where(category.ParentIDIsNil()).
		Order(category.ByPosition(), category.ByID()).CollectFields(ctx, nil).All(ctx)
}

// ByIDs is the categories with these ids.
func (s *Service) ByIDs(ctx context.Context, ids []string) (map[string]*ent.Category, error) {
	rows, err := s.store.Client(ctx).Category.Query().Where(category.IDIn(ids...)).CollectFields(ctx, nil).All(ctx)
	return byID(rows), err
}

func byID(rows []*ent.Category) map[string]*ent.Category {
	found := make(map[string]*ent.Category, len(rows))
	for _, row := range rows {
		found[row.ID] = row
	}
	return found
}

// Children is the categories directly below each of several, in the editors'
// order.
func (s *Service) Children(ctx context.Context, parents []string) (map[string][]*ent.Category, error) {
	rows, err := s.store.Client(ctx).Category.Query().Where(category.ParentIDIn(parents...)).
		Order(category.ByPosition(), category.ByID()).
		CollectFields(ctx, nil, category.FieldParentID).All(ctx)
	children := make(map[string][]*ent.Category, len(parents))
	for _, row := range rows {
		children[*row.ParentID] = append(children[*row.ParentID], row)
	}
	return children, err
}

// upwards is the step to the category above.
const upwards = `SELECT family.id, categories.parent_id FROM family
	JOIN categories ON categories.id = family.member WHERE categories.parent_id IS NOT NULL`

// Terminals is, for each of several categories, the terminals that show it: those
// that neither it nor one above is off.
func (s *Service) Terminals(ctx context.Context, ids []string) (map[string]terminal.Set, error) {
	pairs, err := s.related(ctx, ids, upwards)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, p := range pairs {
		all = append(all, p.Key)
	}
	slices.Sort(all)
	rows, err := s.store.Client(ctx).Category.Query().Where(category.IDIn(slices.Compact(all)...)).
		Select(category.FieldTerminals).All(viewer.AsSystem(ctx))
	own := byID(rows)
	shown := make(map[string]terminal.Set, len(ids))
	for _, id := range ids {
		shown[id] = terminal.Everywhere
	}
	for _, p := range pairs {
		if row := own[p.Key]; row != nil {
			shown[p.ID] &= row.Terminals
		}
	}
	return shown, err
}

// Breadcrumbs is, for each of several categories, the way from the top of the
// tree down to it.
func (s *Service) Breadcrumbs(ctx context.Context, ids []string) (map[string][]*ent.Category, error) {
	pairs, err := s.related(ctx, ids, upwards)
	if err != nil {
		return nil, err
	}
	var all []string
	seen := make(map[string]bool)
	for _, p := range pairs {
		if !seen[p.Key] {
			seen[p.Key] = true
			all = append(all, p.Key)
		}
	}
	rows, err := s.store.Client(ctx).Category.Query().Where(category.IDIn(all...)).
		CollectFields(ctx, nil, category.FieldParentID).All(ctx)
	found := byID(rows)
	crumbs := make(map[string][]*ent.Category, len(ids))
	for _, id := range ids {
		crumbs[id] = wayDown(found, id)
	}
	return crumbs, err
}

// wayDown follows the parents up from id and turns the way around.
func wayDown(found map[string]*ent.Category, id string) []*ent.Category {
	var way []*ent.Category
	for row := found[id]; row != nil && len(way) < Levels; {
		way = append([]*ent.Category{row}, way...)
		if row.ParentID == nil {
			break
		}
		row = found[*row.ParentID]
	}
	return way
}

// Below is, for each of several categories, itself and, unless exact, all that
// lie below it.
func (s *Service) Below(ctx context.Context, ids []string, exact bool) (pagination.Parents, error) {
	if exact {
		return pagination.Each(ids...), nil
	}
	return s.related(ctx, ids, `SELECT family.id, categories.id FROM family
		JOIN categories ON categories.parent_id = family.member`)
}

// related follows the tree from each id by step, the recursive part of the
// statement, and lists who belongs to whom, each id to itself first.
func (s *Service) related(ctx context.Context, ids []string, step string) (pagination.Parents, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
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
	return pairs, rows.Err()
}
