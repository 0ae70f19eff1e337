package viewcount_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tonggao/tonggao/ent/viewday"
	"github.com/tonggao/tonggao/internal/content/viewcount"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestFlush counts views, which Flush writes.
func TestFlush(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		a, b := n.articles[0], n.articles[1]
		before, err := s.Client(system).Article.Get(system, a)
		check.NoError(t, err)
		n.record(t, a, 3)
		n.record(t, b, 1)
		n.expect(t, a, 0)
		n.Advance(time.Second)
		check.NoError(t, n.Flush(anonymous))
		n.record(t, a, 2)
		check.NoError(t, n.Flush(anonymous))
		check.NoError(t, n.Flush(anonymous))
		n.expect(t, a, 5)
		n.expect(t, b, 1)
		n.expect(t, n.articles[2], 0)
		after, err := s.Client(system).Article.Get(system, a)
		check.NoError(t, err)
		if after.UpdatedAt != before.UpdatedAt || after.Version != before.Version {
			t.Error("a view looks like an edit")
		}
		if logged, err := s.Client(system).Change.Query().Count(system); err != nil || logged != 0 {
			t.Errorf("%d entries in the change log, %v", logged, err)
		}
	})
}

// TestRecordDay checks that a view belongs to the day on which it was counted, not to that
// of the flush.
func TestRecordDay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		midnight, err := instant.Parse("2026-03-03T00:00:00+08:00")
		check.NoError(t, err)
		n.Set(midnight - 1)
		n.record(t, n.articles[0], 2)
		n.Set(midnight)
		n.record(t, n.articles[0], 5)
		check.NoError(t, n.Flush(anonymous))
		n.expect(t, n.articles[0], 7)
		days, err := s.Client(system).ViewDay.Query().Order(viewday.ByDay()).All(system)
		check.NoError(t, err)
		// 2 March 2026 is 20,514 days after 1 January 1970.
		if len(days) != 2 || days[0].Day != 20514 || days[0].Views != 2 || days[1].Day != 20515 || days[1].Views != 5 {
			t.Errorf("written: %v", days)
		}
	})
}

// TestRecordVisibility counts views of visible articles only.
func TestRecordVisibility(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		messages := map[string]bool{}
		for _, id := range []string{n.draft, typeid.New(typeid.Article, n.Clock()), typeid.New(typeid.Comment, n.Clock()), "", "\x00"} {
			err := n.Record(anonymous, id)
			if !fault.Is(err, fault.NotFound) {
				t.Fatalf("%q: %v", id, err)
			}
			messages[err.Error()] = true
		}
		if len(messages) != 1 {
			t.Errorf("hidden and missing articles are distinguishable: %v", messages)
		}
		check.NoError(t, n.Record(editor, n.draft))
		check.NoError(t, n.Flush(anonymous))
		n.expect(t, n.draft, 1)
	})
}

// TestRecordStatements checks that many views cost a statement a minute, of visible and of
// hidden articles.
func TestRecordStatements(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		flood := func() int {
			return n.Count(func() {
				for range 1000 {
					check.NoError(t, n.Record(anonymous, n.articles[0]))
					if n.Record(anonymous, n.draft) == nil {
						t.Fatal("a draft was viewed")
					}
				}
			})
		}
		for minute, want := range []int{2, 0, 2} {
			if got := flood(); got != want {
				t.Errorf("flood %d took %d statements, want %d", minute, got, want)
			}
			n.Advance(30 * time.Second)
		}
		if n.Record(editor, n.draft) != nil || n.Record(anonymous, n.draft) == nil {
			t.Error("the answer for one viewer was given to another")
		}
	})
}

// TestRecordConcurrent records views from many goroutines while others flush: each is
// written once.
func TestRecordConcurrent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		replica := newCounter(t, s)
		var wg sync.WaitGroup
		for worker := range 100 {
			counter := [...]*viewcount.Counter{n.Counter, replica}[worker%2]
			wg.Go(func() {
				for view := range 30 {
					if err := counter.Record(anonymous, n.articles[view%3]); err != nil {
						t.Error(err)
					}
					if view%10 == 9 {
						if err := counter.Flush(anonymous); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		wg.Wait()
		for _, id := range n.articles {
			n.expect(t, id, 1000)
		}
	})
}

// TestRun flushes every interval and once more at the end.
func TestRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := open(t, storetest.SQLite(t))
		ctx, stop := context.WithCancel(anonymous)
		done := make(chan error)
		go func() { done <- n.Run(ctx, 0) }()

		n.record(t, n.articles[0], 2)
		<-time.After(viewcount.DefaultInterval - time.Millisecond)
		n.expect(t, n.articles[0], 0)
		<-time.After(2 * time.Millisecond)
		n.expect(t, n.articles[0], 2)

		repair := n.failFlushes(t)
		n.record(t, n.articles[0], 1)
		<-time.After(viewcount.DefaultInterval)
		repair()
		n.expect(t, n.articles[0], 2)
		<-time.After(viewcount.DefaultInterval)
		n.expect(t, n.articles[0], 3)

		n.record(t, n.articles[0], 4)
		stop()
		check.NoError(t, <-done)
		n.expect(t, n.articles[0], 7)
	})
}
