package viewcount_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/viewday"
	"github.com/tonggao/tonggao/internal/content/viewcount"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// fixture is a portal with a few articles, and the counter under test.
type fixture struct {
	*portal.Portal
	*viewcount.Counter

	articles []string // published ones
	draft    string
}

var (
	system    = portal.System()
	anonymous = context.Background()
	editor    = portal.As(viewer.Editor)
)

func open(t *testing.T, s *storetest.Store) *fixture {
	t.Helper()
	n := &fixture{Portal: portal.New(t, s), Counter: newCounter(t, s)}
	for range 3 {
		row, err := n.NewArticle(article.StatusPUBLISHED).Save(system)
		check.NoError(t, err)
		n.articles = append(n.articles, row.ID)
	}
	row, err := n.NewArticle(article.StatusDRAFT).Save(system)
	check.NoError(t, err)
	n.draft = row.ID
	return n
}

func newCounter(t *testing.T, s *storetest.Store) *viewcount.Counter {
	return viewcount.New(s.Store, slog.New(slog.NewTextHandler(t.Output(), nil)))
}

// record records anonymous views.
func (n *fixture) record(t *testing.T, articleID string, times int) {
	t.Helper()
	for range times {
		check.NoError(t, n.Record(anonymous, articleID))
	}
}

// written returns an article's views in the database: the total, and the sum of its days.
func (n *fixture) written(t *testing.T, articleID string) (total, byDay int64) {
	t.Helper()
	a, err := n.Client(system).Article.Get(system, articleID)
	check.NoError(t, err)
	days, err := n.Client(system).ViewDay.Query().Where(viewday.ArticleID(articleID)).All(system)
	check.NoError(t, err)
	for _, d := range days {
		byDay += d.Views
	}
	return a.ViewCount, byDay
}

// expect checks an article's views in the database.
func (n *fixture) expect(t *testing.T, articleID string, want int64) {
	t.Helper()
	if total, byDay := n.written(t, articleID); total != want || byDay != want {
		t.Errorf("%d views are stored, %d by day, want %d", total, byDay, want)
	}
}

// failFlushes makes every flush fail half-way, until the returned function is called.
func (n *fixture) failFlushes(t *testing.T) (repair func()) {
	t.Helper()
	rename := func(from, to string) {
		_, err := n.Client(system).ExecContext(system, "ALTER TABLE "+from+" RENAME TO "+to)
		check.NoError(t, err)
	}
	rename("view_days", "view_days_away")
	return func() { rename("view_days_away", "view_days") }
}
