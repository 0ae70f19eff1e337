// Package snapshot keeps small tables in memory that nearly every answer shows, so that
// reading them costs no statement.
//
// What is kept is exact: a request finds every change that is in its position of the change
// log, and every change that this process has acknowledged (store.Version). Each database
// that is read has a snapshot of its own, since a standby has changes later. Where a context has
// no position, as inside transactions, the table itself must be read. What the viewer may see
// is not decided here; rows are shared by all requests, and Copy makes those of one.
package snapshot

import (
	"context"
	"sync"

	"github.com/tonggao/tonggao/ent/category"
	"github.com/tonggao/tonggao/ent/publisher"
	"github.com/tonggao/tonggao/ent/region"
	"github.com/tonggao/tonggao/internal/foundation/dataloader"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/invalidation"
)

// tables names the table of each type of items.
var tables = map[string]string{"Category": category.Table, "Publisher": publisher.Table, "Region": region.Table}

// Table is a small table in memory, as a T.
type Table[T any] struct {
	store    *store.Store
	itemType string // the type of its rows in the change log
	load     func(context.Context) (T, error)

	mu     sync.Mutex
	copies map[string]*loaded[T] // by store.Source
}

// loaded is the state of a table in one database.
type loaded[T any] struct {
	mu      sync.Mutex
	version store.Version
	value   *T // nil: not loaded yet
}

// New returns the table whose rows have a type in the change log. Load reads it whole, as
// the program itself; what it returns is never modified.
func New[T any](s *store.Store, itemType string, load func(context.Context) (T, error)) *Table[T] {
	return &Table[T]{store: s, itemType: itemType, load: load, copies: map[string]*loaded[T]{}}
}

// Get returns the table as the request in ctx must see it; nil where that has to read it
// from the database.
func (t *Table[T]) Get(ctx context.Context) (*T, error) {
	invalidation.Read(ctx, tables[t.itemType])
	version, ok, err := t.store.Version(ctx, t.itemType)
	if !ok || err != nil {
		return nil, err
	}
	l := t.of(store.Source(ctx))
	l.mu.Lock() // also while reading: of concurrent callers one reads and the others wait
	defer l.mu.Unlock()
	if l.value != nil && l.version == version {
		return l.value, nil
	}
	value, err := t.load(viewer.AsSystem(ctx))
	if err != nil {
		return nil, err
	}
	l.version, l.value = version, &value
	return l.value, nil
}

func (t *Table[T]) of(source string) *loaded[T] {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.copies[source]
	if l == nil {
		l = &loaded[T]{}
		t.copies[source] = l
	}
	return l
}

// Copies copies rows for one request, as if one query had loaded them.
type Copies[T any] struct {
	group func(*T) *dataloader.Group[*T]
	rows  []*T
}

// Copy returns an empty set of copies; group returns the field of a row that holds its group.
func Copy[T any](group func(*T) *dataloader.Group[*T]) *Copies[T] { return &Copies[T]{group: group} }

// Add returns a copy of row.
func (c *Copies[T]) Add(row *T) *T {
	own := *row
	c.rows = append(c.rows, &own)
	return &own
}

// Bind makes one group of all copies.
func (c *Copies[T]) Bind() { dataloader.Bind(c.rows, c.group) }
