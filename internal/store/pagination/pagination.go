// Package page cuts lists into pages by keyset: a page begins after the last
// row of the one before, so its cost does not depend on how far in it is, and
// rows that come or go between pages neither repeat nor vanish.
//
// A list is ordered by one integer column that is never null, with ties broken
// by id in the same direction. A cursor is the pair (value, id), signed together
// with the scope of its list: what it filters by and how it is ordered. The
// package knows ent's SQL builder and nothing of GraphQL or of any entity.
package pagination

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// Sizes of a page.
const (
	DefaultSize = 20
	MaxSize     = 100
)

// Order is how a list is ordered: by Column, then by Tie, both in one direction.
// The column is an integer and never null.
type Order struct {
	Name   string // as the API calls it; part of the cursor's scope
	Column string
	Tie    string // the column that breaks ties; empty: id
	Desc   bool
}

func (o Order) tie() string {
	if o.Tie == "" {
		return "id"
	}
	return o.Tie
}

// Request is what a client asks of a list.
type Request struct {
	First, Last   *int
	After, Before *string
	NoRows        bool // only the count is wanted
}

// Position is a row's place in a list.
type Position struct {
	Value int64
	ID    string
}

// Window is a Request that was checked against its list.
type Query struct {
	Order         Order
	Size          int
	backward      bool
	after, before *Position
	noRows        bool
	fromParent    bool
	signer        Signer
	scope         string
}

// Beside is the window of the size rows that follow each Parent's From.
func Neighbours(order Order, size int) Query {
	return Query{Order: order, Size: size - 1, fromParent: true}
}

// Top is the window of the first size rows.
func First(order Order, size int) Query { return Query{Order: order, Size: size - 1} }

// After is where the page begins; nil: at the front.
func (w Query) After() *Position { return w.after }

// Window checks r against the list named by scope. Scope must hold everything
// that decides which rows are in the list.
func (s Signer) Window(r Request, scope string, order Order) (Query, error) {
	w := Query{Order: order, Size: DefaultSize, noRows: r.NoRows, signer: s, scope: scope + "|" + order.Name}
	if r.First != nil && r.Last != nil {
		return w, fault.New(fault.BadUserInput, "first and last exclude each other: give first to page forwards, last to page backwards")
	}
	size := r.First
	if r.Last != nil {
		size, w.backward = r.Last, true
	}
	if size != nil {
		if *size < 1 || *size > MaxSize {
			return w, fault.New(fault.BadUserInput, "a page has 1 to %d items, not %d: ask for fewer and page on with after", MaxSize, *size)
		}
		w.Size = *size
	}
	var err error
	if w.after, err = s.read(r.After, w.scope); err != nil {
		return w, err
	}
	w.before, err = s.read(r.Before, w.scope)
	return w, err
}

// Limit is how many rows to read: one more than the page holds, to know whether
// there is more.
func (w Query) Limit() int { return w.Size + 1 }

// Apply adds the window to a statement: where it begins, the order, the limit.
func (w Query) Apply(s *sql.Selector) { w.ApplyTo(s, s.C) }

// ApplyTo is Apply where the window's columns are found under other names.
func (w Query) ApplyTo(s *sql.Selector, name func(column string) string) {
	value, id := name(w.Order.Column), name(w.Order.tie())
	if w.after != nil {
		s.Where(outside(value, id, w.Order.Desc, *w.after))
	}
	if w.before != nil {
		s.Where(outside(value, id, !w.Order.Desc, *w.before))
	}
	w.sort(s, value, id)
	s.Limit(w.Limit())
}

// desc is the direction in which rows are read, which is not that of the list
// where the client pages backwards.
func (w Query) desc() bool { return w.Order.Desc != w.backward }

func (w Query) sort(s *sql.Selector, value, id string) {
	direction := sql.Asc
	if w.desc() {
		direction = sql.Desc
	}
	s.OrderBy(direction(value), direction(id))
}

// outside keeps the rows beyond a cursor, by comparing row values, which both
// engines answer from the index.
func outside(value, id string, less bool, at Position) *sql.Predicate {
	return sql.P(func(b *sql.Builder) {
		compare(b, value, id, less)
		b.WriteByte('(').Arg(at.Value).Comma().Arg(at.ID).WriteByte(')')
	})
}

// beyond keeps the rows that follow the From of their parent.
func (w Query) beyond(value, id string) *sql.Predicate {
	return sql.P(func(b *sql.Builder) {
		compare(b, value, id, w.desc())
		b.WriteString("(page_parents.at, page_parents.self)")
	})
}

func compare(b *sql.Builder, value, id string, less bool) {
	b.WriteByte('(').Ident(value).Comma().Ident(id).WriteByte(')')
	if less {
		b.WriteString(" < ")
	} else {
		b.WriteString(" > ")
	}
}

// Connection is a page of rows of type T, in the form that Relay wants.
type Connection[T any] struct {
	Edges    []Edge[T]
	PageInfo PageInfo

	count func(context.Context) (int, error)
}

// TotalCount counts the whole list; it runs its statement only when called.
func (c *Connection[T]) TotalCount(ctx context.Context) (int, error) { return c.count(ctx) }

// Edge is a row in a list.
type Edge[T any] struct {
	Node T

	window *Query
	at     Position
}

// Cursor is the row's position, signed.
func (e Edge[T]) Cursor() string { return e.window.signer.sign(e.at, e.window.scope) }

// PageInfo says where a page ends.
type PageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool

	window     *Query
	start, end *Position
	signed     [2]*string // the cursors, where the list signs them itself
}

// Info is where a page ends that was cut without a Window.
func Info(next, previous bool, start, end *string) PageInfo {
	return PageInfo{HasNextPage: next, HasPreviousPage: previous, signed: [2]*string{start, end}}
}

// StartCursor is the position of the first row, nil on an empty page.
func (p PageInfo) StartCursor() *string { return p.cursor(p.start, p.signed[0]) }

// EndCursor is the position of the last row, nil on an empty page.
func (p PageInfo) EndCursor() *string { return p.cursor(p.end, p.signed[1]) }

func (p PageInfo) cursor(at *Position, signed *string) *string {
	if at == nil {
		return signed
	}
	c := p.window.signer.sign(*at, p.window.scope)
	return &c
}

// Connect makes a page of rows, which were read through w and so may hold one
// more than the page. Position tells where a row stands in the list; count
// counts the list and is called only if somebody asks.
func Connect[T any](w Query, rows []T, position func(T) Position, count func(context.Context) (int, error)) *Connection[T] {
	more := len(rows) > w.Size
	if more {
		rows = rows[:w.Size]
	}
	c := &Connection[T]{Edges: make([]Edge[T], len(rows)), count: count}
	for i, row := range rows {
		at := i
		if w.backward {
			at = len(rows) - 1 - i
		}
		c.Edges[at] = Edge[T]{Node: row, window: &w, at: position(row)}
	}
	c.PageInfo = PageInfo{window: &w, HasNextPage: more || w.before != nil, HasPreviousPage: w.after != nil}
	if w.backward {
		c.PageInfo.HasNextPage, c.PageInfo.HasPreviousPage = w.before != nil, more || w.after != nil
	}
	if n := len(c.Edges); n > 0 {
		c.PageInfo.start, c.PageInfo.end = &c.Edges[0].at, &c.Edges[n-1].at
	}
	return c
}

// Rows runs read unless only the count is wanted.
func Rows[T any](w Query, read func() ([]T, error)) ([]T, error) {
	if w.noRows {
		return nil, nil
	}
	return read()
}
