package changefeed

import (
	"context"
	"slices"
	"strings"
)

// The parts of one entry in the order in which they are told; the ids of items
// that the entry brings along come after them.
const (
	partLeft = "-" // what moved out of the filter with a category
	partSelf = "=" // the entry itself
)

// plan is what is told of an entry.
type plan struct {
	left, self bool
	as         Kind   // the entry's kind, if it is told as another one
	reason     string // of left or as
	comments   bool   // the comments of the article come along
	beneath    bool   // what is filed beneath the category comes along
}

// decide is what f makes of an entry, from what is frozen in the entry alone: so
// it is the same for everybody, whenever they read it.
func (f Filter) decide(h head) plan {
	is, stands := parsePlacement(h.place)
	was, stood := parsePlacement(h.was)
	switch {
	case h.itemType == string(Category) && h.kind == Moved && f.Category != nil:
		before, after := slices.Contains(was.path, *f.Category), slices.Contains(is.path, *f.Category)
		if h.itemID == *f.Category {
			before, after = true, true // it takes itself along
		}
		bound := f.wants(string(Article)) || f.wants(string(Comment))
		return plan{left: before && !after && bound, self: f.wants(h.itemType), beneath: after && !before && bound, reason: leftBecause("the category")}
	case !placeBound(h.itemType):
		return plan{self: f.wants(h.itemType)}
	case h.kind.gone():
		told := f.wants(h.itemType) || f.wants(string(Comment)) // whose copies go with the article
		return plan{self: told && (f.everywhere() || stood && f.holds(was))}
	}
	before, after := stood && f.holds(was), f.everywhere() || stands && f.holds(is)
	switch {
	case after:
		appears := h.itemType == string(Article) && (!before || h.kind == Published || h.kind == Restored)
		return plan{self: f.wants(h.itemType), comments: appears && f.wants(string(Comment))}
	case before && (f.wants(h.itemType) || f.wants(string(Comment))):
		return plan{self: true, as: LeftFilter, reason: leftBecause(f.misses(is))}
	}
	return plan{}
}

func leftBecause(what string) string { return "left the filter: " + what }

// gone reports whether nothing is left to be seen.
func (k Kind) gone() bool {
	return k == Unpublished || k == Expired || k == Deleted || k == TakenDown
}

// follow reads entries one after the other.
func (r *reading) follow(ctx context.Context) error {
	limit, from := scanned, r.at.Position+1
	if len(r.filter.Types) == 0 && r.filter.everywhere() {
		limit = r.first + 1
	}
	if r.at.Step != "" {
		from--
	}
	heads, err := r.log.heads(ctx, from, limit)
	if err != nil {
		return err
	}
	commented, err := r.log.commented(ctx, r.appearing(heads))
	if err != nil {
		return err
	}
	for i, h := range heads {
		step := ""
		if i == 0 && h.position == r.at.Position {
			step = r.at.Step
		}
		p := r.filter.decide(h)
		p.comments = p.comments && commented[h.itemID]
		if whole, err := r.entry(ctx, h, p, step); err != nil || !whole || r.full() && i < len(heads)-1 {
			r.more = true
			return err
		}
	}
	r.more = len(heads) == limit
	return nil
}

// appearing is the articles among heads whose comments come along, if they have
// any.
func (r *reading) appearing(heads []head) (ids []string) {
	for _, h := range heads {
		if r.filter.decide(h).comments {
			ids = append(ids, h.itemID)
		}
	}
	return ids
}

// entry tells of one entry, or of as much as the page has room for; whole is
// whether the page may go on with the next one.
func (r *reading) entry(ctx context.Context, h head, p plan, step string) (whole bool, err error) {
	end := Cursor{Position: h.position, Base: r.at.Base}
	brings := p.comments || p.beneath
	if p.left && step < partLeft {
		if r.full() {
			return false, nil
		}
		r.emit(part{head: h, left: true, reason: p.reason}, end.step(p.self || brings, partLeft))
	}
	if p.self && step < partSelf {
		if r.full() {
			return false, nil
		}
		r.emit(part{head: h, as: p.as, reason: p.reason}, end.step(brings, partSelf))
	}
	if !brings {
		r.at = end
		return true, nil
	}
	if r.full() {
		return false, nil
	}
	// What an entry brings along ends the page, so that a page costs the same
	// number of statements whatever is in it.
	return false, r.expand(ctx, h, p, strings.TrimLeft(step, partLeft+partSelf), end)
}

// step is c at a part of its entry, if others follow, or else after all of it.
func (c Cursor) step(others bool, step string) Cursor {
	if others {
		c.Step = step
	}
	return c
}
