package changefeed

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"entgo.io/ent/dialect"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Placement is what filters ask about an article: its category, its region and the
// terminals that show it. Of a category that moved it is the parent; an empty Category is
// the top.
type Placement struct {
	Category  string
	Region    string
	Terminals terminal.Set
}

// PlacementOf returns the placement of a.
func PlacementOf(a *ent.Article) *Placement {
	p := &Placement{Category: a.CategoryID, Terminals: a.Terminals}
	if a.RegionID != nil {
		p.Region = *a.RegionID
	}
	return p
}

// placement is a Placement as the log stores it: with the path from the top of the tree of
// categories, as it was at that moment.
type placement struct {
	path      []string
	region    string
	terminals terminal.Set
}

// String returns path|region|terminals.
func (p placement) String() string {
	return strings.Join(p.path, "/") + "|" + p.region + "|" + strconv.Itoa(int(p.terminals))
}

// category returns the innermost category; empty at the top.
func (p placement) category() string {
	if len(p.path) == 0 {
		return ""
	}
	return p.path[len(p.path)-1]
}

// parsePlacement parses what String returned; ok is false for an item that has none.
func parsePlacement(text string) (p placement, ok bool) {
	parts := strings.Split(text, "|")
	if len(parts) != 3 {
		return p, false
	}
	if parts[0] != "" {
		p.path = strings.Split(parts[0], "/")
	}
	n, err := strconv.Atoi(parts[2])
	p.region, p.terminals = parts[1], terminal.Set(n)
	return p, err == nil
}

// parents maps categories to their parents.
type parents map[string]string

// maxLevels bounds the way up a tree, even one with a cycle.
const maxLevels = 16

// path returns the categories from the top down to one of them.
func (p parents) path(category string) []string {
	var path []string
	for id := category; id != "" && len(path) < maxLevels; id = p[id] {
		path = append(path, id)
	}
	slices.Reverse(path)
	return path
}

// placements is what the database says about the placements that entries name. The rows are
// locked against changes, which makes it true at the entries' positions: a transaction that
// changes one of them either committed before, or waits and gets a later position.
type placements struct {
	parents     parents
	articles    map[string]*Placement // of comments
	descendants map[string]string     // of categories that moved: what moved with them
}

// of returns the stored form of p, or for a comment that of its article.
func (ps placements) of(e Entry, p *Placement) string {
	if e.Owner != "" {
		p = ps.articles[e.Owner]
	}
	if p == nil {
		return ""
	}
	return placement{ps.parents.path(p.Category), p.Region, p.Terminals}.String()
}

// before returns where e's item was; a comment stays where its article is.
func (ps placements) before(e Entry) string {
	if e.Owner != "" && e.Kind == Created {
		return ""
	}
	return ps.of(e, e.Was)
}

// findPlacements looks up what entries need: nothing for most, the ancestors of a few
// categories for articles, the articles for comments.
func (l *Log) findPlacements(ctx context.Context, c *ent.Client, entries []Entry) (ps placements, err error) {
	ctx = viewer.AsSystem(ctx)
	owners, categories, moved := map[string]bool{}, map[string]bool{}, []string{}
	for _, e := range entries {
		if e.Owner != "" {
			owners[e.Owner] = true
		}
		for _, p := range []*Placement{e.Place, e.Was} {
			if p != nil && p.Category != "" {
				categories[p.Category] = true
			}
		}
		if e.Type == string(Category) && e.Kind == Moved {
			moved = append(moved, e.ID)
		}
	}
	if ps.articles, err = l.articlePlacements(ctx, c, keys(owners)); err != nil {
		return ps, err
	}
	for _, p := range ps.articles {
		categories[p.Category] = true
	}
	if ps.parents, err = l.ancestors(ctx, c, keys(categories)); err != nil {
		return ps, err
	}
	ps.descendants, err = l.descendants(ctx, c, moved)
	return ps, err
}

func keys(set map[string]bool) []string {
	list := make([]string, 0, len(set))
	for id := range set {
		list = append(list, id)
	}
	slices.Sort(list)
	return list
}

// articlePlacements returns the placements of articles that readers may have seen by now.
// A comment under any other has none: it is logged when its article appears.
func (l *Log) articlePlacements(ctx context.Context, c *ent.Client, ids []string) (map[string]*Placement, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if err := l.store.Lock(ctx, c, "SELECT 1 FROM articles WHERE id = ANY($1::text[]) ORDER BY id FOR SHARE", ids); err != nil {
		return nil, err
	}
	rows, err := c.Article.Query().Where(article.IDIn(ids...), article.Or(policy.Logged(), policy.Released(l.store.Clock()))).
		Select(article.FieldID, article.FieldCategoryID, article.FieldRegionID, article.FieldTerminals).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the placements of articles: %w", err)
	}
	found := make(map[string]*Placement, len(rows))
	for _, a := range rows {
		found[a.ID] = PlacementOf(a)
	}
	return found, nil
}

// ancestors returns the parents of categories and of all their ancestors, and locks those
// rows. Where one moved before it was locked, it walks again.
func (l *Log) ancestors(ctx context.Context, c *ent.Client, ids []string) (parents, error) {
	for {
		walked, locked := parents{}, parents{}
		err := l.walkTree(ctx, c, ids, "SELECT c.id, c.parent_id FROM walked w JOIN categories c ON c.id = w.parent",
			func(id, parent string) { walked[id] = parent })
		if err != nil || l.store.Engine == dialect.SQLite || len(walked) == 0 {
			return walked, err
		}
		err = l.readTree(ctx, c, "SELECT id, COALESCE(parent_id, '') FROM categories WHERE id = ANY($1::text[]) ORDER BY id FOR SHARE",
			slices.Collect(maps.Keys(walked)), func(id, parent string) { locked[id] = parent })
		if err != nil || maps.Equal(walked, locked) {
			return walked, err
		}
	}
}

// descendants returns, for each category, itself and all categories below it, separated by
// spaces.
func (l *Log) descendants(ctx context.Context, c *ent.Client, moved []string) (map[string]string, error) {
	found := make(map[string]string, len(moved))
	for _, root := range moved {
		var ids []string
		err := l.walkTree(ctx, c, []string{root}, "SELECT c.id, c.parent_id FROM walked w JOIN categories c ON c.parent_id = w.id",
			func(id, _ string) { ids = append(ids, id) })
		if err != nil {
			return nil, err
		}
		found[root] = strings.Join(ids, " ")
	}
	return found, nil
}

// walkTree calls each for the categories ids and those that step reaches from them.
func (l *Log) walkTree(ctx context.Context, c *ent.Client, ids []string, step string, each func(id, parent string)) error {
	if len(ids) == 0 {
		return nil
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return fmt.Errorf("encode the ids of categories: %w", err)
	}
	start := "SELECT c.id, c.parent_id FROM json_each(?) i JOIN categories c ON c.id = i.value"
	if l.store.Engine == dialect.Postgres {
		start = "SELECT c.id, c.parent_id FROM jsonb_array_elements_text($1::jsonb) i(value) JOIN categories c ON c.id = i.value"
	}
	return l.readTree(ctx, c, "WITH RECURSIVE walked (id, parent) AS ("+start+" UNION "+step+
		") SELECT id, COALESCE(parent, '') FROM walked", string(list), each)
}

// readTree calls each for the categories that a statement returns, with their parents.
func (l *Log) readTree(ctx context.Context, c *ent.Client, statement string, arg any, each func(id, parent string)) error {
	rows, err := c.QueryContext(ctx, statement, arg)
	if err != nil {
		return fmt.Errorf("read the tree of categories: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent string
		if err := rows.Scan(&id, &parent); err != nil {
			return fmt.Errorf("read the tree of categories: %w", err)
		}
		each(id, parent)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the tree of categories: %w", err)
	}
	return nil
}
