package changefeed

import (
	"context"
	"encoding/json"
	"fmt"
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

// Place is where an article stands: what filters ask about. Of a category that
// moved it is the category above; an empty one is the top.
type Placement struct {
	Category  string
	Region    string
	Terminals terminal.Set
}

// PlaceOf is where a stands.
func PlacementOf(a *ent.Article) *Placement {
	p := &Placement{Category: a.CategoryID, Terminals: a.Terminals}
	if a.RegionID != nil {
		p.Region = *a.RegionID
	}
	return p
}

// stand is a place as the log keeps it: with the whole way down the tree of
// categories as it was at that moment.
type placement struct {
	path      []string
	region    string
	terminals terminal.Set
}

// String is path|region|terminals.
func (s placement) String() string {
	return strings.Join(s.path, "/") + "|" + s.region + "|" + strconv.Itoa(int(s.terminals))
}

// category is the one in which it is filed; empty at the top.
func (s placement) category() string {
	if len(s.path) == 0 {
		return ""
	}
	return s.path[len(s.path)-1]
}

// readStand reads what String wrote; ok is false for nowhere.
func parsePlacement(text string) (s placement, ok bool) {
	parts := strings.Split(text, "|")
	if len(parts) != 3 {
		return s, false
	}
	if parts[0] != "" {
		s.path = strings.Split(parts[0], "/")
	}
	n, err := strconv.Atoi(parts[2])
	s.region, s.terminals = parts[1], terminal.Set(n)
	return s, err == nil
}

// placed is what the database says, under the log's lock, about the places that
// entries name. The lock makes it true at the entries' positions: who changes the
// tree or an article later also commits later.
type placements struct {
	above    map[string]string     // each category's parent
	articles map[string]*Placement // of comments
	beneath  map[string]string     // of categories that moved: what moved with them
}

func (p placements) path(category string) []string {
	var path []string
	for id := category; id != "" && len(path) < maxLevels; id = p.above[id] {
		path = append(path, id)
	}
	slices.Reverse(path)
	return path
}

// maxLevels bounds the way up a tree, whatever state it is in.
const maxLevels = 16

func (p placements) of(e Entry, at *Placement) string {
	if e.Owner != "" {
		at = p.articles[e.Owner]
	}
	if at == nil {
		return ""
	}
	return placement{p.path(at.Category), at.Region, at.Terminals}.String()
}

// before is where e's item was; a comment stays where its article is.
func (p placements) before(e Entry) string {
	if e.Owner != "" && e.Kind == Created {
		return ""
	}
	return p.of(e, e.Was)
}

// places looks up what entries need: nothing for most, the parents of a few
// categories for articles, the articles for comments.
func (l *Log) places(ctx context.Context, c *ent.Client, entries []Entry) (p placements, err error) {
	ctx = viewer.AsSystem(ctx)
	owners, categories, moved := map[string]bool{}, map[string]bool{}, []string{}
	for _, e := range entries {
		if e.Owner != "" {
			owners[e.Owner] = true
		}
		for _, at := range []*Placement{e.Place, e.Was} {
			if at != nil && at.Category != "" {
				categories[at.Category] = true
			}
		}
		if e.Type == "Category" && e.Kind == Moved {
			moved = append(moved, e.ID)
		}
	}
	if p.articles, err = l.articlePlaces(ctx, c, keys(owners)); err != nil {
		return p, err
	}
	for _, at := range p.articles {
		categories[at.Category] = true
	}
	if p.above, err = l.above(ctx, c, keys(categories)); err != nil {
		return p, err
	}
	p.beneath, err = l.below(ctx, c, moved)
	return p, err
}

func keys(set map[string]bool) []string {
	list := make([]string, 0, len(set))
	for id := range set {
		list = append(list, id)
	}
	slices.Sort(list)
	return list
}

// articlePlaces is where articles stand that readers may have seen by now. A
// comment under any other stands nowhere: it comes with its article.
func (l *Log) articlePlaces(ctx context.Context, c *ent.Client, ids []string) (map[string]*Placement, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := c.Article.Query().Where(article.IDIn(ids...), policy.Released(l.store.Clock())).
		Select(article.FieldID, article.FieldCategoryID, article.FieldRegionID, article.FieldTerminals).All(ctx)
	places := make(map[string]*Placement, len(rows))
	for _, a := range rows {
		places[a.ID] = PlacementOf(a)
	}
	return places, err
}

// above is the parents of categories and of all that lie above them.
func (l *Log) above(ctx context.Context, c *ent.Client, ids []string) (map[string]string, error) {
	parents := make(map[string]string)
	err := l.family(ctx, c, ids, "SELECT c.id, c.parent_id FROM family f JOIN categories c ON c.id = f.parent",
		func(id, parent string) { parents[id] = parent })
	return parents, err
}

// below is, for each category, itself and all that lie below it.
func (l *Log) below(ctx context.Context, c *ent.Client, moved []string) (map[string]string, error) {
	found := make(map[string]string, len(moved))
	for _, root := range moved {
		var ids []string
		err := l.family(ctx, c, []string{root}, "SELECT c.id, c.parent_id FROM family f JOIN categories c ON c.parent_id = f.id",
			func(id, _ string) { ids = append(ids, id) })
		if err != nil {
			return nil, err
		}
		found[root] = strings.Join(ids, " ")
	}
	return found, nil
}

// family follows the tree of categories from ids by step.
func (l *Log) family(ctx context.Context, c *ent.Client, ids []string, step string, each func(id, parent string)) error {
	if len(ids) == 0 {
		return nil
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	start := "SELECT c.id, c.parent_id FROM json_each(?) i JOIN categories c ON c.id = i.value"
	if l.store.Engine == dialect.Postgres {
		start = "SELECT c.id, c.parent_id FROM jsonb_array_elements_text($1::jsonb) i(value) JOIN categories c ON c.id = i.value"
	}
	rows, err := c.QueryContext(ctx, "WITH RECURSIVE family (id, parent) AS ("+start+" UNION "+step+
		") SELECT id, COALESCE(parent, '') FROM family", string(list))
	if err != nil {
		return fmt.Errorf("follow the tree of categories: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent string
		if err := rows.Scan(&id, &parent); err != nil {
			return fmt.Errorf("follow the tree of categories: %w", err)
		}
		each(id, parent)
	}
	return rows.Err()
}
