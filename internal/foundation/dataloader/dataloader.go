// Package dataloader avoids N+1 queries: it loads a field of one row in one batch for
// all rows that the same query returned. These rows form a Group; the first of them
// whose field is requested loads it for the whole Group, and the others wait for the
// result. The number of statements therefore depends on the shape of a request, not on
// the number of rows. There is no timer and no look-ahead.
//
// A Group belongs to the request that loaded its rows. It is never shared between
// viewers and caches nothing beyond the request.
package dataloader

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
)

// Group is a set of rows that were loaded together. The zero Group is for a row that
// was loaded alone, such as one that was just written.
type Group[T any] struct{ batch *batch[T] }

type batch[T any] struct {
	rows  []T
	mu    sync.Mutex
	loads map[any]*load
}

// load is one call of a fetch function, running or finished.
type load struct {
	done  chan struct{}
	value any
	err   error
}

// Bind makes one Group of rows; group returns the field of a row that holds it.
func Bind[T any](rows []T, group func(T) *Group[T]) {
	b := &batch[T]{rows: rows}
	for _, row := range rows {
		group(row).batch = b
	}
}

// Load returns the result of fetch for all rows of the group; fetch is called once for
// each key. Row is the one whose field is requested: a zero Group fetches it alone.
func Load[T, R any](ctx context.Context, g Group[T], row T, key any, fetch func(context.Context, []T) (R, error)) (R, error) {
	if g.batch == nil {
		return fetch(ctx, []T{row})
	}
	l, first := g.batch.load(key)
	if first {
		run(ctx, l, g.batch.rows, fetch)
	}
	select {
	case <-l.done:
	case <-ctx.Done():
		var none R
		return none, ctx.Err()
	}
	result, _ := l.value.(R)
	return result, l.err
}

// load returns the load of a key, and whether the caller is the first and has to run it.
func (b *batch[T]) load(key any) (l *load, first bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l, ok := b.loads[key]; ok {
		return l, false
	}
	if b.loads == nil {
		b.loads = make(map[any]*load)
	}
	l = &load{done: make(chan struct{})}
	b.loads[key] = l
	return l, true
}

// run calls fetch and wakes the waiting callers. A panic becomes the error of all of
// them; otherwise they would wait forever.
func run[T, R any](ctx context.Context, l *load, rows []T, fetch func(context.Context, []T) (R, error)) {
	defer close(l.done)
	defer func() {
		if p := recover(); p != nil {
			l.err = fmt.Errorf("load a field of %d rows: panic: %v\n%s", len(rows), p, debug.Stack())
		}
	}()
	l.value, l.err = fetch(ctx, rows)
}
