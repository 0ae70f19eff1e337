package changefeed

import (
	"context"
	"slices"
	"strings"

	"github.com/tonggao/tonggao/internal/foundation/typeid"
)

// One entry may return several items, in this order: LEFT_FILTER for the articles of a
// category, the entry itself, and then the items that it brings into the filter, by id.
const (
	stepLeft = "-"
	stepSelf = "="
)

// decision says what a filter returns for one entry.
type decision struct {
	left        bool   // LEFT_FILTER for what is filed in the category and below
	self        bool   // the entry
	as          Kind   // the kind that the entry is returned as, if another
	reason      string // of left or as
	comments    bool   // the comments of the article
	descendants bool   // what is filed in the category and below
}

// expands reports whether the entry brings other items into the filter.
func (d decision) expands() bool { return d.comments || d.descendants }

// follow reads the entries after the cursor, one by one.
func (r *reader) follow(ctx context.Context) error {
	limit, from := batchSize, r.at.Position+1
	if len(r.filter.Types) == 0 && r.filter.everywhere() {
		limit = r.size + 1 // everything matches
	}
	if r.at.Step != "" {
		from-- // the entry there was returned in part
	}
	entries, err := r.log.entries(ctx, from, limit)
	if err != nil {
		return err
	}
	decisions := make([]decision, len(entries))
	var appearing []string
	for i, e := range entries {
		r.fingerprints[e.position] = e.fingerprint()
		if decisions[i] = r.filter.decide(e); decisions[i].comments {
			appearing = append(appearing, e.itemID)
		}
	}
	commented, err := r.log.withComments(ctx, appearing)
	if err != nil {
		return err
	}
	for i, e := range entries {
		step := ""
		if e.position == r.at.Position {
			step = r.at.Step
		}
		decisions[i].comments = decisions[i].comments && commented[e.itemID]
		done, err := r.apply(ctx, e, decisions[i], step)
		if err != nil || !done || r.full() && i < len(entries)-1 {
			r.more = true
			return err
		}
	}
	r.more = len(entries) == limit
	return nil
}

// decide returns what f returns for an entry. It depends on the entry alone, so it is the
// same for every client, whenever it reads.
func (f Filter) decide(e entry) decision {
	is, placed := parsePlacement(e.placement)
	was, wasPlaced := parsePlacement(e.placedBefore)
	switch {
	case e.itemType == string(Category) && e.kind == Moved && f.Category != nil:
		before, after := slices.Contains(was.path, *f.Category), slices.Contains(is.path, *f.Category)
		if e.itemID == *f.Category {
			before, after = true, true // it contains itself
		}
		placed := f.wants(string(Article)) || f.wants(string(Comment))
		return decision{left: before && !after && placed, self: f.wants(e.itemType), descendants: after && !before && placed, reason: leftBecause("the category")}
	case !hasPlacement(e.itemType):
		return decision{self: f.wants(e.itemType)}
	case e.kind.removes():
		wanted := f.wants(e.itemType) || f.wants(string(Comment)) // comments are removed with their article
		return decision{self: wanted && (f.everywhere() || wasPlaced && f.matches(was))}
	}
	before, after := wasPlaced && f.matches(was), f.everywhere() || placed && f.matches(is)
	switch {
	case after:
		appears := e.itemType == string(Article) && (!before || e.kind == Published || e.kind == Restored)
		return decision{self: f.wants(e.itemType), comments: appears && f.wants(string(Comment))}
	case before && (f.wants(e.itemType) || f.wants(string(Comment))):
		return decision{self: true, as: LeftFilter, reason: leftBecause(f.mismatch(is))}
	}
	return decision{}
}

func leftBecause(what string) string { return "left the filter: " + what }

// apply emits what was decided for an entry, from step on and as far as the page has
// space. It reports whether the page may continue with the next entry.
func (r *reader) apply(ctx context.Context, e entry, d decision, step string) (done bool, err error) {
	end := Cursor{Position: e.position, Base: r.at.Base}
	if d.left && step < stepLeft {
		if !r.emit(item{entry: e, descendants: true, reason: d.reason}, end.at(stepLeft, d.self || d.expands())) {
			return false, nil
		}
	}
	if d.self && step < stepSelf {
		if !r.emit(item{entry: e, as: d.as, reason: d.reason}, end.at(stepSelf, d.expands())) {
			return false, nil
		}
	}
	if !d.expands() {
		r.at = end
		return true, nil
	}
	if r.full() {
		return false, nil
	}
	// An expansion ends the page, so every page costs the same number of statements.
	return false, r.expand(ctx, e, d, strings.TrimLeft(step, stepLeft+stepSelf), end)
}

// at returns the cursor at a step of its entry if others follow, or else after the entry.
func (c Cursor) at(step string, othersFollow bool) Cursor {
	if othersFollow {
		c.Step = step
	}
	return c
}

// expand emits the items after step that an entry brings into the filter: the comments of
// an article that appears, or the articles and comments filed in a category that moved, as
// they were at the entry's position. What happened to them since has entries that follow.
func (r *reader) expand(ctx context.Context, e entry, d decision, step string, end Cursor) error {
	r.more = true
	kind, article, category := snapshotOrder[comments], e.itemID, ""
	if d.descendants {
		article, category = "", e.itemID
		if !strings.HasPrefix(step, string(typeid.Comment)+"_") {
			kind = snapshotOrder[articles]
		}
	}
	from := max(step, string(kind.id)+"_")
	ids, err := r.log.ids(ctx, kind.table, from, article, batchSize)
	if err != nil {
		return err
	}
	if r.filter.wants(string(kind.itemType)) {
		newest, err := r.log.newest(ctx, ids, e.position-1)
		if err != nil {
			return err
		}
		if newest, err = r.matching(ctx, newest, e.position, category); err != nil {
			return err
		}
		for _, n := range newest {
			if !r.emit(item{entry: n}, end.at(n.itemID, true)) {
				return nil
			}
		}
	}
	switch {
	case len(ids) == batchSize:
		end.Step = ids[batchSize-1]
	case kind.itemType == Article:
		end.Step = string(typeid.Comment) + "_"
	}
	r.at = end
	return nil
}
