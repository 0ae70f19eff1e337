package changefeed

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/pagination"
)

// Change is one change as a viewer is told of it: with the item only where the
// viewer may see the item now.
type Change struct {
	Position int64 // of the entry that it tells of
	Kind     Kind
	ItemType ItemType
	ItemID   string
	Version  int
	Reason   optional.String
	Purge    bool
	At       instant.Instant
	Item     json.RawMessage // nil: remove the copy
	Category *string         // in which the article, or the comment's article, stood
	Beneath  []string        // categories that left the filter with this one
}

// Edge is a change with the place to go on from.
type Edge struct {
	Node   *Change
	Cursor string
	At     Cursor
}

// Page is some changes in order. It may be short or empty though there is more.
type Page struct {
	Edges    []Edge
	PageInfo pagination.PageInfo
	End      Cursor // where the next page begins, further on even if nothing met the filter
	More     bool
}

// scanned is how many entries or items a page looks at, at most, where not all of
// them meet the filter.
const scanned = 500

// readers may follow the log.
var readers = []viewer.Role{viewer.Integrator, viewer.Editor, viewer.Moderator, viewer.Admin, viewer.System}

// MayRead says why v may not follow the log.
func MayRead(v viewer.Viewer) error {
	if v.Is(readers...) {
		return nil
	}
	if v.Is(viewer.Anonymous) {
		return fault.New(fault.Unauthenticated, "the change log needs a token: send it as `Authorization: Bearer TOKEN`; `tonggao token create --role INTEGRATOR` makes one")
	}
	return fault.New(fault.Forbidden, "a token with the role %s may not read the change log; ask the operator for one with the role INTEGRATOR", v.Role)
}

// Page is the first changes after a cursor that meet f, as the viewer may see
// them at this moment. Following the log is a loop over Page, and over Wait
// where there is no More.
func (l *Log) Page(ctx context.Context, after Cursor, first int, f Filter) (*Page, error) {
	if err := MayRead(viewer.From(ctx)); err != nil {
		return nil, err
	}
	if err := f.Check(); err != nil {
		return nil, err
	}
	if first < 1 || first > pagination.MaxSize {
		return nil, fault.New(fault.BadUserInput, "a page has 1 to %d changes, not %d: ask for fewer and page on with after", pagination.MaxSize, first)
	}
	var err error
	r := &reading{log: l, filter: f, first: first, at: after}
	if after.Position < after.Base {
		err = r.copy(ctx)
	} else {
		err = r.follow(ctx)
	}
	if err != nil {
		return nil, err
	}
	p, err := r.finish(ctx)
	if err != nil {
		return nil, err
	}
	// Only now: what retention takes away while the page is read counts as well.
	horizon, err := l.Horizon(ctx)
	if err == nil && after.reach() < horizon {
		return nil, ErrTooOld
	}
	return p, err
}

// reach is the position up to which nothing can be missed any more.
func (c Cursor) reach() int64 {
	at := c.Position
	if c.Step != "" {
		at--
	}
	return max(at, c.Base)
}

// reading is one page under way.
type reading struct {
	log    *Log
	filter Filter
	first  int

	at    Cursor // how far the page has come
	more  bool
	parts []part
}

// part is what is told of one entry: the entry itself, or something else that it
// brings about.
type part struct {
	head
	as     Kind // instead of the entry's kind
	reason string
	left   bool // a category's articles left the filter
	cursor Cursor
}

func (r *reading) full() bool { return len(r.parts) >= r.first }

// tell adds a part to the page, which is thereby read up to cursor.
func (r *reading) emit(p part, cursor Cursor) {
	p.cursor, r.at = cursor, cursor
	r.parts = append(r.parts, p)
}

// finish reads what is told and leaves out what the viewer may not see.
func (r *reading) finish(ctx context.Context) (*Page, error) {
	rows, err := r.log.rows(ctx, r.parts)
	if err != nil {
		return nil, err
	}
	seen, err := r.log.visible(ctx, rows)
	if err != nil {
		return nil, err
	}
	p := &Page{End: r.at, More: r.more}
	for _, told := range r.parts {
		row, ok := rows[told.position]
		if !ok { // retention took it away while the page was read; something later replaces it
			continue
		}
		p.Edges = append(p.Edges, Edge{Node: told.change(row, seen), At: told.cursor, Cursor: r.log.Sign(told.cursor, r.filter)})
	}
	end := r.log.Sign(p.End, r.filter)
	start := &end
	if len(p.Edges) > 0 {
		start = &p.Edges[0].Cursor
	}
	p.PageInfo = pagination.Info(p.More, false, start, &end)
	return p, nil
}

// change is what is told of row.
func (told part) change(row entry, seen func(entry) bool) *Change {
	c := &Change{Position: row.Position, Kind: row.Kind, ItemType: ItemType(row.Type), ItemID: row.ID, Version: row.Version,
		Reason: optional.String(row.Reason), Purge: row.Purge, At: row.At, Beneath: []string{}}
	switch {
	case told.left:
		c.Kind, c.Reason, c.Beneath = LeftFilter, optional.String(told.reason), strings.Fields(row.beneath)
	case told.as != "":
		c.Kind, c.Reason = told.as, optional.String(told.reason)
	case row.Item != nil && seen(row):
		c.Item = row.Item
		if s, ok := parsePlacement(told.place); ok && placeBound(row.Type) {
			c.Category = new(s.category())
		}
	}
	return c
}
