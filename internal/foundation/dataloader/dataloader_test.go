package dataloader_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/dataloader"
)

// article is a row as ent has it: its group is a field that the query binds.
type article struct {
	id    int
	group dataloader.Group[*article]
}

// query returns n rows that one statement loaded.
func query(n int) []*article {
	rows := make([]*article, n)
	for i := range rows {
		rows[i] = &article{id: i}
	}
	dataloader.Bind(rows, func(a *article) *dataloader.Group[*article] { return &a.group })
	return rows
}

// names is the database of the tests. It counts its statements.
type names struct{ statements atomic.Int64 }

// category loads the names of the categories of all rows.
func (n *names) category(_ context.Context, rows []*article) (map[int]string, error) {
	n.statements.Add(1)
	m := map[int]string{}
	for _, a := range rows {
		m[a.id] = fmt.Sprintf("栏目%d", a.id)
	}
	return m, nil
}

// TestLoad asks each of many rows for its category, one after another and at the same
// time: one statement serves them all.
func TestLoad(t *testing.T) {
	t.Parallel()
	for name, concurrent := range map[string]bool{"in turn": false, "at the same time": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, db := query(200), &names{}
			check := func(a *article) {
				found, err := dataloader.Load(t.Context(), a.group, a, "category", db.category)
				if want := fmt.Sprintf("栏目%d", a.id); err != nil || found[a.id] != want || len(found) != len(rows) {
					t.Errorf("row %d: %q of %d, %v", a.id, found[a.id], len(found), err)
				}
			}
			var wait sync.WaitGroup
			for _, a := range rows {
				if concurrent {
					wait.Go(func() { check(a) })
				} else {
					check(a)
				}
			}
			wait.Wait()
			if n := db.statements.Load(); n != 1 {
				t.Errorf("%d statements for %d rows", n, len(rows))
			}
		})
	}
}

// TestLoadKeys checks that each key has a statement of its own, as the arguments of a
// field need: comments(first: 3) is another key than comments(first: 5).
func TestLoadKeys(t *testing.T) {
	t.Parallel()
	type page struct {
		field string
		first int
	}
	rows, statements := query(10), 0
	for _, a := range rows {
		for _, key := range []page{{"comments", 3}, {"comments", 5}, {"related", 3}} {
			got, err := dataloader.Load(t.Context(), a.group, a, key, func(context.Context, []*article) (page, error) {
				statements++
				return key, nil
			})
			if err != nil || got != key {
				t.Errorf("row %d: got %v for %v, %v", a.id, got, key, err)
			}
		}
	}
	if statements != 3 {
		t.Errorf("%d statements for three keys", statements)
	}
}

// TestLoadWithoutGroup loads for a row that came alone: each call is a statement, for
// this row only.
func TestLoadWithoutGroup(t *testing.T) {
	t.Parallel()
	db := &names{}
	for i := range 3 {
		found, err := dataloader.Load(t.Context(), dataloader.Group[*article]{}, &article{id: 7}, "category", db.category)
		if err != nil || len(found) != 1 || found[7] != "栏目7" || db.statements.Load() != int64(i+1) {
			t.Errorf("%v, %v after %d statements", found, err, db.statements.Load())
		}
	}
}

// TestLoadGroups checks that two queries do not share results: they may belong to
// different viewers.
func TestLoadGroups(t *testing.T) {
	t.Parallel()
	db := &names{}
	for _, rows := range [][]*article{query(3), query(5)} {
		for _, a := range rows {
			if found, err := dataloader.Load(t.Context(), a.group, a, "category", db.category); err != nil || len(found) != len(rows) {
				t.Errorf("%d rows get %d results, %v", len(rows), len(found), err)
			}
		}
	}
	if n := db.statements.Load(); n != 2 {
		t.Errorf("%d statements for two queries", n)
	}
}

// TestLoadError gives the error of the one statement to every row.
func TestLoadError(t *testing.T) {
	t.Parallel()
	broken, calls := errors.New("connection lost"), 0
	for _, a := range query(4) {
		got, err := dataloader.Load(t.Context(), a.group, a, "category", func(context.Context, []*article) ([]string, error) {
			calls++
			return nil, broken
		})
		if !errors.Is(err, broken) || got != nil {
			t.Errorf("row %d: %v, %v", a.id, got, err)
		}
	}
	if calls != 1 {
		t.Errorf("a failed statement was repeated %d times", calls-1)
	}
}

// TestLoadPanic checks that rows that wait for a statement whose code panics get an
// error and do not wait forever.
func TestLoadPanic(t *testing.T) {
	t.Parallel()
	rows := query(8)
	var wait sync.WaitGroup
	for _, a := range rows {
		wait.Go(func() {
			got, err := dataloader.Load(t.Context(), a.group, a, "category", func(context.Context, []*article) (string, error) {
				panic("index out of range")
			})
			if err == nil || !strings.Contains(err.Error(), "load a field of 8 rows: panic: index out of range") || got != "" {
				t.Errorf("row %d: %q, %v", a.id, got, err)
			}
			if err != nil && !strings.Contains(err.Error(), "dataloader_test.go") {
				t.Errorf("the error has no stack: %v", err)
			}
		})
	}
	wait.Wait()
}

// TestLoadContextEnds checks that a waiting row returns when its own context ends,
// while the statement goes to its end for the others.
func TestLoadContextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rows := query(3)
		fetch := func(context.Context, []*article) (string, error) {
			time.Sleep(time.Minute) // of the test's clock
			return "栏目", nil
		}
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wait sync.WaitGroup
		wait.Go(func() {
			if got, err := dataloader.Load(t.Context(), rows[0].group, rows[0], "category", fetch); err != nil || got != "栏目" {
				t.Errorf("the first row: %q, %v", got, err)
			}
		})
		synctest.Wait() // the first row runs the statement
		begin := time.Now()
		if got, err := dataloader.Load(impatient, rows[1].group, rows[1], "category", fetch); !errors.Is(err, context.DeadlineExceeded) || got != "" {
			t.Errorf("the row whose context ended: %q, %v", got, err)
		}
		if waited := time.Since(begin); waited != time.Second {
			t.Errorf("it waited %v", waited)
		}
		if got, err := dataloader.Load(t.Context(), rows[2].group, rows[2], "category", fetch); err != nil || got != "栏目" {
			t.Errorf("the row that waits: %q, %v", got, err)
		}
		wait.Wait()
	})
}
