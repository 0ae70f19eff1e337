// Package pagination cuts lists into pages by keyset (cursor pagination): a page begins
// after the last row of the one before, so its cost does not depend on its depth, and rows
// that are inserted or deleted between pages are neither repeated nor skipped.
//
// A list is ordered by one integer column that is never null, with ties broken by id in
// the same direction. A cursor is the pair (value, id), signed together with the scope of
// its list: what it filters by and how it is ordered. Pages of many parents are read by
// one statement (parents.go), which avoids N+1 queries. The package uses ent's SQL builder
// and knows neither GraphQL nor any entity.
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

// Order orders a list by Column, then by Tie, both in one direction. The column is an
// integer and never null.
type Order struct {
	Name   string // as in the API; part of the cursor's scope
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

// Request holds the arguments of a connection.
type Request struct {
	First, Last   *int
	After, Before *string
	NoRows        bool // only the count is wanted
}

// Position is the position of a row in a list.
type Position struct {
	Value int64
	ID    string
}

// Query is a Request that was checked against its list.
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

// Neighbours returns the query for the size rows that follow each Parent's From.
func Neighbours(order Order, size int) Query {
	return Query{Order: order, Size: size - 1, fromParent: true}
}

// First returns the query for the first size rows.
func First(order Order, size int) Query { return Query{Order: order, Size: size - 1} }

// After returns where the page begins; nil: at the front.
func (q Query) After() *Position { return q.after }

// Window checks r against the list named by scope. Scope must contain everything that
// decides which rows are in the list.
func (s Signer) Window(r Request, scope string, order Order) (Query, error) {
	q := Query{Order: order, Size: DefaultSize, noRows: r.NoRows, signer: s, scope: scope + "|" + order.Name}
	if r.First != nil && r.Last != nil {
		return q, fault.New(fault.BadUserInput, "first and last exclude each other: give first to page forwards, last to page backwards")
	}
	size := r.First
	if r.Last != nil {
		size, q.backward = r.Last, true
	}
	if size != nil {
		if *size < 1 || *size > MaxSize {
			return q, fault.New(fault.BadUserInput, "a page has 1 to %d items, not %d: ask for fewer and page on with after", MaxSize, *size)
		}
		q.Size = *size
	}
	var err error
	if q.after, err = s.read(r.After, q.scope); err != nil {
		return q, err
	}
	q.before, err = s.read(r.Before, q.scope)
	return q, err
}

// Limit returns how many rows to read: one more than the page, to know whether there are
// more.
func (q Query) Limit() int { return q.Size + 1 }

// Apply adds the start, the order and the limit of the page to a statement.
func (q Query) Apply(s *sql.Selector) { q.ApplyTo(s, s.C) }

// ApplyTo does what Apply does where the columns have other names.
func (q Query) ApplyTo(s *sql.Selector, name func(column string) string) {
	value, id := name(q.Order.Column), name(q.Order.tie())
	if q.after != nil {
		s.Where(outside(value, id, q.Order.Desc, *q.after))
	}
	if q.before != nil {
		s.Where(outside(value, id, !q.Order.Desc, *q.before))
	}
	q.sort(s, value, id)
	s.Limit(q.Limit())
}

// desc reports whether rows are read in descending order: against the order of the list
// where the client pages backwards.
func (q Query) desc() bool { return q.Order.Desc != q.backward }

func (q Query) sort(s *sql.Selector, value, id string) {
	direction := sql.Asc
	if q.desc() {
		direction = sql.Desc
	}
	s.OrderBy(direction(value), direction(id))
}

// outside selects the rows beyond a cursor by comparing row values, which both engines
// answer from the index.
func outside(value, id string, less bool, at Position) *sql.Predicate {
	return sql.P(func(b *sql.Builder) {
		compare(b, value, id, less)
		b.WriteByte('(').Arg(at.Value).Comma().Arg(at.ID).WriteByte(')')
	})
}

// beyond selects the rows that follow the From of their parent.
func (q Query) beyond(value, id string) *sql.Predicate {
	return sql.P(func(b *sql.Builder) {
		compare(b, value, id, q.desc())
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

// Connection is a page of rows of type T, as Relay specifies it.
type Connection[T any] struct {
	Edges    []Edge[T]
	PageInfo PageInfo

	count func(context.Context) (int, error)
}

// TotalCount counts the whole list; its statement runs only when it is called.
func (c *Connection[T]) TotalCount(ctx context.Context) (int, error) { return c.count(ctx) }

// Edge is a row in a list.
type Edge[T any] struct {
	Node T

	query *Query
	at    Position
}

// Cursor returns the signed position of the row.
func (e Edge[T]) Cursor() string { return e.query.signer.sign(e.at, e.query.scope) }

// PageInfo describes the ends of a page.
type PageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool

	query      *Query
	start, end *Position
	signed     [2]*string // the cursors of a list that signs them itself
}

// Info returns the PageInfo of a page that was cut without a Query.
func Info(next, previous bool, start, end *string) PageInfo {
	return PageInfo{HasNextPage: next, HasPreviousPage: previous, signed: [2]*string{start, end}}
}

// StartCursor returns the cursor of the first row; nil on an empty page.
func (p PageInfo) StartCursor() *string { return p.cursor(p.start, p.signed[0]) }

// EndCursor returns the cursor of the last row; nil on an empty page.
func (p PageInfo) EndCursor() *string { return p.cursor(p.end, p.signed[1]) }

func (p PageInfo) cursor(at *Position, signed *string) *string {
	if at == nil {
		return signed
	}
	c := p.query.signer.sign(*at, p.query.scope)
	return &c
}

// Connect makes a page of rows that were read through q, and so may be one more than the
// page. Position returns the position of a row in the list; count counts the list and is
// called only by TotalCount.
func Connect[T any](q Query, rows []T, position func(T) Position, count func(context.Context) (int, error)) *Connection[T] {
	more := len(rows) > q.Size
	if more {
		rows = rows[:q.Size]
	}
	c := &Connection[T]{Edges: make([]Edge[T], len(rows)), count: count}
	for i, row := range rows {
		at := i
		if q.backward {
			at = len(rows) - 1 - i
		}
		c.Edges[at] = Edge[T]{Node: row, query: &q, at: position(row)}
	}
	c.PageInfo = PageInfo{query: &q, HasNextPage: more || q.before != nil, HasPreviousPage: q.after != nil}
	if q.backward {
		c.PageInfo.HasNextPage, c.PageInfo.HasPreviousPage = q.before != nil, more || q.after != nil
	}
	if n := len(c.Edges); n > 0 {
		c.PageInfo.start, c.PageInfo.end = &c.Edges[0].at, &c.Edges[n-1].at
	}
	return c
}

// Rows runs read unless only the count is wanted.
func Rows[T any](q Query, read func() ([]T, error)) ([]T, error) {
	if q.noRows {
		return nil, nil
	}
	return read()
}
