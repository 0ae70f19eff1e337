package changefeed

import (
	"context"
	"slices"
	"strings"

	"github.com/tonggao/tonggao/internal/foundation/typeid"
)

// kinds is the order in which things are copied: what others refer to first.
var kinds = []struct {
	kind  typeid.Kind
	is    ItemType
	table string
}{
	{typeid.Region, Region, "regions"}, {typeid.Publisher, Publisher, "publishers"}, {typeid.Category, Category, "categories"},
	{typeid.Article, Article, "articles"}, {typeid.Comment, Comment, "comments"},
}

// copy tells of everything there is, by kind and id, as the log had it at Base.
// One page looks at one range of ids.
func (r *reading) copy(ctx context.Context) error {
	k := 0
	for i, kind := range kinds {
		if strings.HasPrefix(r.at.Step, string(kind.kind)+"_") {
			k = i
		}
	}
	for k < len(kinds) && !r.copies(kinds[k].is) {
		k, r.at.Step = k+1, ""
	}
	if k == len(kinds) {
		r.at, r.more = Cursor{Position: r.at.Base, Base: r.at.Base}, true
		return nil
	}
	from := max(r.at.Step, string(kinds[k].kind)+"_")
	limit := scanned
	if r.filter.everywhere() {
		limit = r.first
	}
	ids, err := r.log.ids(ctx, kinds[k].table, from, "", limit)
	if err != nil {
		return err
	}
	heads, err := r.log.newest(ctx, ids, r.at.Base)
	if err != nil {
		return err
	}
	if heads, err = r.matching(ctx, heads, r.at.Base, ""); err != nil {
		return err
	}
	r.more = true
	next := Cursor{Base: r.at.Base, Step: from}
	for _, h := range heads {
		if r.full() {
			return nil
		}
		next.Step = h.itemID
		r.emit(part{head: h}, next)
	}
	switch {
	case len(ids) == limit:
		next.Step = ids[limit-1]
	case k+1 < len(kinds):
		next.Step = string(kinds[k+1].kind) + "_"
	default:
		next = Cursor{Position: r.at.Base, Base: r.at.Base}
	}
	r.at = next
	return nil
}

func (r *reading) copies(t ItemType) bool { return r.filter.wants(string(t)) }

// bring tells of what an entry brings along, after the item step: the comments of
// an article that appears, or the articles and comments beneath a category that
// moved into the filter, as they were at that position. What happened to them since
// has entries that follow.
func (r *reading) expand(ctx context.Context, h head, p plan, step string, end Cursor) error {
	r.more = true
	kind, within, beneath := kinds[len(kinds)-1], h.itemID, ""
	if p.beneath {
		within, beneath = "", h.itemID
		if !strings.HasPrefix(step, string(typeid.Comment)+"_") {
			kind = kinds[len(kinds)-2]
		}
	}
	from := max(step, string(kind.kind)+"_")
	ids, err := r.log.ids(ctx, kind.table, from, within, scanned)
	if err != nil {
		return err
	}
	last := end
	if r.copies(kind.is) {
		heads, err := r.log.newest(ctx, ids, h.position-1)
		if err != nil {
			return err
		}
		if heads, err = r.matching(ctx, heads, h.position, beneath); err != nil {
			return err
		}
		for _, h := range heads {
			if r.full() {
				return nil
			}
			last.Step = h.itemID
			r.emit(part{head: h}, last)
		}
	}
	switch {
	case len(ids) == scanned:
		end.Step = ids[scanned-1]
	case kind.is == Article:
		end.Step = string(typeid.Comment) + "_"
	}
	r.at = end
	return nil
}

// meeting keeps the heads, in the order of their items, that are of something to
// be seen that meets the filter at a position; of comments, that their article does.
// Beneath, if it is not empty, is a category in which they must be filed as well.
func (r *reading) matching(ctx context.Context, heads []head, at int64, beneath string) ([]head, error) {
	owners := make(map[string]bool)
	for _, h := range heads {
		if h.owner != "" {
			owners[h.owner] = true
		}
	}
	articles, err := r.log.newest(ctx, keys(owners), at)
	if err != nil {
		return nil, err
	}
	stands := make(map[string]string, len(articles))
	for _, a := range articles {
		stands[a.itemID] = a.place
	}
	tree, err := r.tree(ctx, append(articles, heads...), at)
	if err != nil {
		return nil, err
	}
	for i, h := range heads {
		if h.owner != "" {
			heads[i].place = stands[h.owner]
		}
	}
	kept := slices.DeleteFunc(heads, func(h head) bool {
		switch {
		case h.kind.gone():
			return true
		case !placeBound(h.itemType):
			return false
		}
		s, ok := parsePlacement(h.place)
		if !ok {
			return true
		}
		if r.filter.Category != nil {
			s.path = tree.path(s.category())
		}
		return !r.filter.holds(s) || beneath != "" && !slices.Contains(s.path, beneath)
	})
	slices.SortFunc(kept, func(a, b head) int { return strings.Compare(a.itemID, b.itemID) })
	return kept, nil
}

// tree is the way down to the categories in which heads stand, as it was at a
// position: a category's newest entry until then says what it was below.
func (r *reading) tree(ctx context.Context, heads []head, at int64) (placements, error) {
	p := placements{above: map[string]string{}}
	if r.filter.Category == nil {
		return p, nil
	}
	wanted := map[string]bool{}
	for _, h := range heads {
		if s, ok := parsePlacement(h.place); ok {
			wanted[s.category()] = true
		}
	}
	for range maxLevels {
		delete(wanted, "")
		categories, err := r.log.newest(ctx, keys(wanted), at)
		if err != nil || len(categories) == 0 {
			return p, err
		}
		wanted = map[string]bool{}
		for _, c := range categories {
			if s, ok := parsePlacement(c.place); ok {
				p.above[c.itemID] = s.category()
			}
		}
		for _, above := range p.above {
			if _, known := p.above[above]; !known {
				wanted[above] = true
			}
		}
	}
	return p, nil
}
