package changefeed

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Change is one change as a viewer receives it: with the item only where the viewer may
// see the item now.
type Change struct {
	Position    int64  // of the log entry
	Fingerprint uint32 // of the log entry, which identifies it together with its position
	Kind        Kind
	ItemType    ItemType
	ItemID      string
	Version     int
	Reason      optional.String
	Purge       bool
	At          instant.Instant
	Item        json.RawMessage // nil: remove the copy
	Category    *string         // of the article, or of the comment's article, at that position
	Beneath     []string        // the categories that left the filter with this one
}

// Edge is a change with the cursor after it.
type Edge struct {
	Node   *Change
	Cursor string
	At     Cursor
}

// Page is some changes in order. It may be short or empty though there are more.
type Page struct {
	Edges    []Edge
	PageInfo pagination.PageInfo
	End      Cursor // where the next page begins, further on even if nothing matched
	More     bool
}

// Page returns the first changes after a cursor that match f, as the viewer may see them
// now. Following the log is a loop over Page, and over Wait where there is no More.
//
// A page is read in three steps: the reader collects entries, from the current content
// while the client takes its first copy (snapshot.go) and from the log after that
// (follow.go); finish reads their payloads; and what the viewer may not see is left out.
func (l *Log) Page(ctx context.Context, after Cursor, first int, f Filter) (*Page, error) {
	if err := policy.Require(ctx, policy.ReadChanges); err != nil {
		return nil, err
	}
	if err := f.Check(); err != nil {
		return nil, err
	}
	if first < 1 || first > pagination.MaxSize {
		return nil, fault.New(fault.BadUserInput, "a page has 1 to %d changes, not %d: ask for fewer and page on with after", pagination.MaxSize, first)
	}
	head, err := l.settled(ctx, after.complete()+int64(first))
	if err != nil {
		return nil, err
	}
	anchor, err := l.verify(ctx, after, head)
	if err != nil {
		return nil, err
	}
	r := &reader{log: l, filter: f, size: first, at: after, epoch: head.epoch, fingerprints: map[int64]uint32{after.anchor(): anchor.fingerprint}}
	read := r.follow
	if after.copying() {
		read = r.snapshot
	}
	if err := read(ctx); err != nil {
		return nil, err
	}
	p, err := r.finish(ctx)
	if err != nil {
		return nil, err
	}
	// Checked last: entries that retention removes while the page is read count as well.
	horizon, err := l.Horizon(ctx)
	if err != nil {
		return nil, err
	}
	if after.complete() < horizon {
		return nil, ErrTooOld
	}
	l.history.note(head.epoch, p.End)
	return p, nil
}

// reader collects the items of one page.
type reader struct {
	log    *Log
	filter Filter
	size   int

	at    Cursor // how far the page has come
	more  bool
	items []item

	epoch        string
	fingerprints map[int64]uint32 // of the entries that cursors of the page stand behind, by position
}

// item is one change to return: a log entry, or a change derived from one, such as
// LEFT_FILTER.
type item struct {
	entry
	as          Kind // returned instead of the entry's kind
	reason      string
	descendants bool // of a category: its articles left the filter
	cursor      Cursor
}

func (r *reader) full() bool { return len(r.items) >= r.size }

// emit adds an item to the page, which has thereby come to cursor. It reports whether
// there was space.
func (r *reader) emit(i item, cursor Cursor) bool {
	if r.full() {
		return false
	}
	i.cursor, r.at = cursor, cursor
	r.items = append(r.items, i)
	return true
}

// finish reads the payloads of the items and removes what the viewer may not see.
func (r *reader) finish(ctx context.Context) (*Page, error) {
	rows, err := r.log.payloads(ctx, r.items)
	if err != nil {
		return nil, err
	}
	sees, err := r.log.visible(ctx, rows)
	if err != nil {
		return nil, err
	}
	p := &Page{End: r.identified(r.at), More: r.more}
	for _, i := range r.items {
		row, ok := rows[i.position]
		if !ok { // retention removed it in the meantime; a later entry replaces it
			continue
		}
		at := r.identified(i.cursor)
		p.Edges = append(p.Edges, Edge{Node: i.change(row, sees), At: at, Cursor: r.log.Sign(at, r.filter)})
	}
	end := r.log.Sign(p.End, r.filter)
	start := &end
	if len(p.Edges) > 0 {
		start = &p.Edges[0].Cursor
	}
	p.PageInfo = pagination.Info(p.More, false, start, &end)
	return p, nil
}

// identified returns c with the entry that it stands behind.
func (r *reader) identified(c Cursor) Cursor {
	c.Entry = identity{r.epoch, r.fingerprints[c.anchor()]}.String()
	return c
}

// change returns i as its viewer receives it.
func (i item) change(row payload, sees func(payload) bool) *Change {
	c := &Change{Position: row.Position, Fingerprint: i.fingerprint(), Kind: row.Kind, ItemType: ItemType(row.Type), ItemID: row.ID, Version: row.Version,
		Reason: optional.String(row.Reason), Purge: row.Purge, At: row.At, Beneath: []string{}}
	switch {
	case i.descendants:
		c.Kind, c.Reason, c.Beneath = LeftFilter, optional.String(i.reason), strings.Fields(row.descendants)
	case i.as != "":
		c.Kind, c.Reason = i.as, optional.String(i.reason)
	case row.Item != nil && sees(row):
		c.Item = row.Item
		if p, ok := parsePlacement(i.placement); ok && hasPlacement(row.Type) {
			c.Category = new(p.category())
		}
	}
	return c
}
