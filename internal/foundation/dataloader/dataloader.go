// Package sibling lets a field of one row be loaded for all rows that came with
// it. Rows that one query loaded form a Group; the first of them to be asked
// for something loads it for the whole Group, the others wait for that answer.
// So the number of statements depends on the shape of a request and never on
// the number of rows, without a timer and without looking ahead.
//
// A Group belongs to the request that loaded it. It is never shared between
// viewers and holds nothing that its rows' request did not ask for.
package dataloader

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
)

// Group is the rows that were loaded together. The zero Group stands for a row
// that came alone, such as one just written.
type Group[T any] struct{ members *members[T] }

type members[T any] struct {
	rows  []T
	mu    sync.Mutex
	loads map[any]*load
}

type load struct {
	done  chan struct{}
	value any
	err   error
}

// Bind makes one Group of rows; group gives the place in a row that holds it.
func Bind[T any](rows []T, group func(T) *Group[T]) {
	m := &members[T]{rows: rows}
	for _, row := range rows {
		group(row).members = m
	}
}

// Load is what fetch returns for all rows of the group, fetched once for each
// key. Row is the one that asks; it stands for itself where the group is empty.
func Load[T, R any](ctx context.Context, g Group[T], row T, key any, fetch func(context.Context, []T) (R, error)) (R, error) {
	if g.members == nil {
		return fetch(ctx, []T{row})
	}
	l, first := g.members.claim(key)
	if first {
		run(ctx, l, g.members.rows, fetch)
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

func (m *members[T]) claim(key any) (l *load, first bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l, ok := m.loads[key]; ok {
		return l, false
	}
	if m.loads == nil {
		m.loads = make(map[any]*load)
	}
	l = &load{done: make(chan struct{})}
	m.loads[key] = l
	return l, true
}

// run fetches and lets the waiting go on, whatever fetch does: a panic becomes
// the error of everybody who waits, or they would wait for ever.
func run[T, R any](ctx context.Context, l *load, rows []T, fetch func(context.Context, []T) (R, error)) {
	defer close(l.done)
	defer func() {
		if p := recover(); p != nil {
			l.err = fmt.Errorf("loading for %d rows: panic: %v\n%s", len(rows), p, debug.Stack())
		}
	}()
	l.value, l.err = fetch(ctx, rows)
}
