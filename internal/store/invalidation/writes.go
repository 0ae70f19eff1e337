package invalidation

import (
	"context"
	"maps"
	"sync"

	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/body"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/pictureuse"
	"github.com/tonggao/tonggao/ent/setting"
	"github.com/tonggao/tonggao/ent/tagging"
	"github.com/tonggao/tonggao/ent/viewday"
)

// Writes collects what one transaction changes.
type Writes struct {
	mu     sync.Mutex
	keys   map[string]struct{}
	logged []Entry
	all    bool // an entry of the log says that everything may have changed
}

type writesKey struct{}

// WithWrites returns a context for a transaction, whose writes are collected.
func WithWrites(ctx context.Context) (context.Context, *Writes) {
	w := &Writes{keys: map[string]struct{}{}}
	return context.WithValue(ctx, writesKey{}, w), w
}

// WritesOf returns what the transaction of ctx collects, or new writes.
func WritesOf(ctx context.Context) *Writes {
	if w, ok := ctx.Value(writesKey{}).(*Writes); ok {
		return w
	}
	return &Writes{keys: map[string]struct{}{}}
}

// Statement records a statement that writes under ctx.
func (w *Writes) Statement(ctx context.Context, query string) {
	s, in := parse(query), scopeOf(ctx)
	if s.reads || in.unseen {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, table := range s.written {
		w.record(in, s, table)
	}
}

func (w *Writes) add(key string) { w.keys[key] = struct{}{} }

func (w *Writes) record(in scope, s *statement, table string) {
	switch {
	case table == setting.Table && in.setting != "":
		w.add(keyOf(table, in.setting))
	case table == article.Table && s.changes == onlyViews:
		w.add(viewsKey)
	case len(in.articles) == 0 || s.changes == deletedRows:
		w.add(table)
	case table == article.Table:
		for _, id := range in.articles {
			if s.changes == onlyCounts {
				w.add(countKey(id))
				continue
			}
			w.add(keyOf(table, id))
			if !in.content {
				w.add(listKey)
			}
		}
	case table == body.Table || table == comment.Table:
		for _, id := range in.articles {
			w.add(keyOf(table, id))
		}
	case table == tagging.Table && in.content && !in.tags:
	default:
		w.add(table)
	}
}

// Log records that the transaction of ctx appends an entry to the change log.
func Log(ctx context.Context, e Entry) {
	w := WritesOf(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.logged = append(w.logged, e)
	w.all = w.all || e.keys() == nil
}

// Unlogged reports whether the transaction changed what its entries in the log do not show, so
// that other processes need another sign of it. View counts are not: answers with them end
// soon.
func (w *Writes) Unlogged() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all {
		return false
	}
	left := maps.Clone(w.keys)
	delete(left, viewsKey)
	delete(left, viewday.Table)
	for _, e := range w.logged {
		for key := range e.keys() {
			delete(left, key)
		}
	}
	return len(left) > 0
}

// Invalidate applies the writes to t, when they are committed or may be.
func (w *Writes) Invalidate(t *Tracker) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t.invalidate(w.keys)
}

// Entry is what an entry of the change log says about what was changed.
type Entry struct {
	Type  string // the GraphQL type
	ID    string
	Owner string // the article of a comment
}

// keys returns what the entry may have changed; nil for everything.
func (e Entry) keys() map[string]struct{} {
	switch e.Type {
	case "Article":
		return set(keyOf(article.Table, e.ID), countKey(e.ID), listKey, keyOf(body.Table, e.ID), keyOf(comment.Table, e.ID),
			tagging.Table, searchTable, pictureuse.Table)
	case "Comment":
		return set(countKey(e.Owner), keyOf(comment.Table, e.Owner))
	}
	return nil
}

func set(keys ...string) map[string]struct{} {
	m := make(map[string]struct{}, len(keys))
	for _, key := range keys {
		m[key] = struct{}{}
	}
	return m
}
