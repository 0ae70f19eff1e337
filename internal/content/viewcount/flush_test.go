package viewcount_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestFlushFails checks that a flush that fails loses nothing, and that the next one writes
// nothing twice.
func TestFlushFails(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		n.record(t, n.articles[0], 3)
		n.record(t, n.articles[1], 1)
		repair := n.failFlushes(t)
		for range 2 {
			if n.Flush(anonymous) == nil {
				t.Fatal("a flush succeeded without the table of days")
			}
			n.record(t, n.articles[0], 1)
		}
		repair()
		n.expect(t, n.articles[0], 0)
		cancelled, cancel := context.WithCancel(anonymous)
		cancel()
		if n.Flush(cancelled) == nil {
			t.Fatal("a flush succeeded that was cancelled")
		}
		check.NoError(t, n.Flush(anonymous))
		n.expect(t, n.articles[0], 5)
		n.expect(t, n.articles[1], 1)
	})
}

// TestFlushDeletedArticle flushes the views of an article that was deleted.
func TestFlushDeletedArticle(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		n.record(t, n.articles[0], 3)
		n.record(t, n.articles[1], 2)
		check.NoError(t, s.Client(system).Article.DeleteOneID(n.articles[0]).Exec(system))
		check.NoError(t, n.Flush(anonymous))
		n.expect(t, n.articles[1], 2)
	})
}

// TestRecordBackpressure records views of more articles than fit into memory: they are
// written at once; while that fails they are refused, and earlier ones are kept.
func TestRecordBackpressure(t *testing.T) {
	t.Parallel()
	n := open(t, storetest.SQLite(t))
	const capacity = 10_000
	copies := fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= %d)
		INSERT INTO articles (id, slug, status, title, tags, listed_at, created_at, updated_at, search_slot, category_id, publisher_id)
		SELECT printf('art_%%026d', i), printf('copy-%%d', i), status, title, tags, listed_at, created_at, updated_at, 100 + i, category_id, publisher_id
		FROM n JOIN articles ON articles.id = ?`, capacity)
	_, err := n.Client(system).ExecContext(system, copies, n.articles[0])
	check.NoError(t, err)
	copied := func(i int) string { return fmt.Sprintf("art_%026d", i) }
	for i := range capacity {
		n.record(t, copied(i+1), 1)
	}
	repair := n.failFlushes(t)
	if n.Record(anonymous, copied(capacity+1)) == nil {
		t.Error("a count was taken beyond the capacity")
	}
	n.record(t, copied(1), 1) // which has its place
	repair()
	n.expect(t, copied(1), 0)
	n.record(t, copied(capacity+1), 1)
	n.expect(t, copied(1), 2)
	n.expect(t, copied(capacity), 1)
	n.expect(t, copied(capacity+1), 0)
	check.NoError(t, n.Flush(anonymous))
	n.expect(t, copied(capacity+1), 1)
}
