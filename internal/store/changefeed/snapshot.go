package changefeed

import (
	"context"
	"slices"
	"strings"

	"github.com/tonggao/tonggao/internal/foundation/typeid"
)

// snapshotOrder is the order in which a first copy is read: items that others refer to
// come first.
var snapshotOrder = []struct {
	id       typeid.Kind
	itemType ItemType
	table    string
}{
	{typeid.Region, Region, "regions"}, {typeid.Publisher, Publisher, "publishers"}, {typeid.Category, Category, "categories"},
	{typeid.Article, Article, "articles"}, {typeid.Comment, Comment, "comments"},
}

// Indexes of snapshotOrder.
const (
	articles = 3
	comments = 4
)

// snapshot reads the newest entry of every item, by type and id, as of Base: the first
// copy of a client. One page reads one range of ids.
func (r *reader) snapshot(ctx context.Context) error {
	r.more = true
	k := 0
	for i, kind := range snapshotOrder {
		if strings.HasPrefix(r.at.Step, string(kind.id)+"_") {
			k = i
		}
	}
	for k < len(snapshotOrder) && !r.filter.wants(string(snapshotOrder[k].itemType)) {
		k, r.at.Step = k+1, ""
	}
	if k == len(snapshotOrder) {
		r.at = r.at.copied()
		return nil
	}
	from := max(r.at.Step, string(snapshotOrder[k].id)+"_")
	limit := batchSize
	if r.filter.everywhere() {
		limit = r.size
	}
	ids, err := r.log.ids(ctx, snapshotOrder[k].table, from, "", limit)
	if err != nil {
		return err
	}
	newest, err := r.log.newest(ctx, ids, r.at.Base)
	if err != nil {
		return err
	}
	if newest, err = r.matching(ctx, newest, r.at.Base, ""); err != nil {
		return err
	}
	next := Cursor{Base: r.at.Base, Step: from}
	for _, e := range newest {
		if !r.emit(item{entry: e}, next.at(e.itemID, true)) {
			return nil
		}
	}
	switch {
	case len(ids) == limit:
		next.Step = ids[limit-1]
	case k+1 < len(snapshotOrder):
		next.Step = string(snapshotOrder[k+1].id) + "_"
	default:
		next = next.copied()
	}
	r.at = next
	return nil
}

// matching returns, sorted by item ID, the entries whose item was visible and matched the
// filter at a position. A comment matches if its article does. If category is not empty,
// the item must be filed in it or below as well.
func (r *reader) matching(ctx context.Context, entries []entry, at int64, category string) ([]entry, error) {
	owners := make(map[string]bool)
	for _, e := range entries {
		if e.owner != "" {
			owners[e.owner] = true
		}
	}
	newest, err := r.log.newest(ctx, keys(owners), at)
	if err != nil {
		return nil, err
	}
	placements := make(map[string]string, len(newest))
	for _, a := range newest {
		placements[a.itemID] = a.placement
	}
	tree, err := r.categoryTree(ctx, append(newest, entries...), at)
	if err != nil {
		return nil, err
	}
	for i, e := range entries {
		if e.owner != "" {
			entries[i].placement = placements[e.owner]
		}
	}
	kept := slices.DeleteFunc(entries, func(e entry) bool {
		switch {
		case e.kind.removes():
			return true
		case !hasPlacement(e.itemType):
			return false
		}
		p, ok := parsePlacement(e.placement)
		if !ok {
			return true
		}
		if r.filter.Category != nil {
			p.path = tree.path(p.category())
		}
		return !r.filter.matches(p) || category != "" && !slices.Contains(p.path, category)
	})
	slices.SortFunc(kept, func(a, b entry) int { return strings.Compare(a.itemID, b.itemID) })
	return kept, nil
}

// categoryTree returns the ancestors of the categories in which entries are filed, as they
// were at a position: the newest entry of a category up to there names its parent.
func (r *reader) categoryTree(ctx context.Context, entries []entry, at int64) (parents, error) {
	found := parents{}
	if r.filter.Category == nil {
		return found, nil
	}
	wanted := map[string]bool{}
	for _, e := range entries {
		if p, ok := parsePlacement(e.placement); ok {
			wanted[p.category()] = true
		}
	}
	for range maxLevels {
		delete(wanted, "")
		categories, err := r.log.newest(ctx, keys(wanted), at)
		if err != nil || len(categories) == 0 {
			return found, err
		}
		wanted = map[string]bool{}
		for _, c := range categories {
			if p, ok := parsePlacement(c.placement); ok {
				found[c.itemID] = p.category()
			}
		}
		for _, parent := range found {
			if _, known := found[parent]; !known {
				wanted[parent] = true
			}
		}
	}
	return found, nil
}
