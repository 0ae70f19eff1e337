package viewcount_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/viewday"
	"github.com/tonggao/tonggao/internal/content/viewcount"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// newsroom is a store with a few articles, and the counter under test.
type newsroom struct {
	*storetest.Store
	*viewcount.Counter

	articles []string // published ones
	draft    string
}

var (
	system    = viewer.AsSystem(context.Background())
	anonymous = context.Background()
	editor    = viewer.With(context.Background(), viewer.Viewer{Role: viewer.Editor, TokenID: "tok_e"})
)

func newNewsroom(t *testing.T, s *storetest.Store) *newsroom {
	t.Helper()
	n := &newsroom{Store: s, Counter: newCounter(t, s)}
	c, now := s.Client(system), s.Clock()
	category, publisher := typeid.New(typeid.Category, now), typeid.New(typeid.Publisher, now)
	must(t, c.Category.Create().SetID(category).SetSlug("hy").SetName("行业动态").SetCreatedAt(now).SetUpdatedAt(now).Exec(system))
	must(t, c.Publisher.Create().SetID(publisher).SetName("青禾社区").SetCreatedAt(now).SetUpdatedAt(now).Exec(system))
	for slot, state := range []article.Status{article.StatusPUBLISHED, article.StatusPUBLISHED, article.StatusPUBLISHED, article.StatusDRAFT} {
		id := typeid.New(typeid.Article, now.Add(time.Duration(slot)*5*time.Second)) // in this order, whatever the clocks of other tests say
		must(t, c.Article.Create().SetID(id).SetSlug(id).SetTitle("溪口镇新开一家社区食堂").SetStatus(state).
			SetListedAt(now).SetPublishedAt(now).SetCreatedAt(now).SetUpdatedAt(now).SetSearchSlot(int64(slot)).
			SetCategoryID(category).SetPublisherID(publisher).Exec(system))
		if state == article.StatusDRAFT {
			n.draft = id
		} else {
			n.articles = append(n.articles, id)
		}
	}
	return n
}

func newCounter(t *testing.T, s *storetest.Store) *viewcount.Counter {
	return viewcount.New(s.Store, slog.New(slog.NewTextHandler(t.Output(), nil)))
}

// record counts so many anonymous views, which must be taken.
func (n *newsroom) record(t *testing.T, articleID string, times int) {
	t.Helper()
	for range times {
		must(t, n.Record(anonymous, articleID))
	}
}

// written is an article's views in the database: in all, and added up by day.
func (n *newsroom) written(t *testing.T, articleID string) (total, byDay int64) {
	t.Helper()
	a, err := n.Client(system).Article.Get(system, articleID)
	must(t, err)
	days, err := n.Client(system).ViewDay.Query().Where(viewday.ArticleID(articleID)).All(system)
	must(t, err)
	for _, d := range days {
		byDay += d.Views
	}
	return a.ViewCount, byDay
}

// expect checks an article's views in the database.
func (n *newsroom) expect(t *testing.T, articleID string, want int64) {
	t.Helper()
	if total, byDay := n.written(t, articleID); total != want || byDay != want {
		t.Errorf("%d views are written, %d by day, want %d", total, byDay, want)
	}
}

// breakDown makes every flush fail half-way, until mend.
func (n *newsroom) breakDown(t *testing.T) (mend func()) {
	t.Helper()
	rename := func(from, to string) {
		_, err := n.Client(system).ExecContext(system, "ALTER TABLE "+from+" RENAME TO "+to)
		must(t, err)
	}
	rename("view_days", "view_days_away")
	return func() { rename("view_days_away", "view_days") }
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
