package follower_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	entcomment "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/content/region"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestStartOver removes content from the origin without a trace in its log and begins a new
// epoch, as a restore does: the copy starts over by itself and ends equal. What was made in
// the copy stays.
func TestStartOver(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, copied *storetest.Store) {
		origin := storetest.SQLite(t)
		n := portal.NewWriter(t, origin, 31)
		p, q := apptest.Start(t, origin), apptest.Start(t, copied)
		token := p.Token(viewer.Integrator, "")
		for range 60 {
			n.Act()
		}
		n.Advance(time.Hour)
		n.Must(n.Articles.LogDue(apptest.System()))
		copied.Set(origin.Clock())
		n.Must(newFollower(t, q, p.URL, token, nil).Once(t.Context()))
		own, err := q.Regions.Create(apptest.System(), region.CreateInput{Name: "自有地区"})
		n.Must(err)

		c := origin.Client(apptest.System())
		lost, err := c.Article.Query().Order().FirstID(apptest.System())
		n.Must(err)
		_, err = c.Comment.Delete().Where(entcomment.ArticleID(lost)).Exec(apptest.System())
		n.Must(err)
		_, err = c.ExecContext(apptest.System(), "DELETE FROM articles WHERE id = $1", lost)
		n.Must(err)
		n.Must(n.Log.StartOver(apptest.System()))
		n.Must(newFollower(t, q, p.URL, token, nil).Once(t.Context()))
		if diff := cmp.Diff(shown(p, n.CategoryIDs), shown(q, n.CategoryIDs)); diff != "" {
			t.Fatalf("the origin (-) and the copy (+) differ: %s", diff)
		}
		if kept, err := copied.Client(apptest.System()).Region.Get(apptest.System(), own.ID); err != nil {
			t.Errorf("what was made in the copy: %v, %v", kept, err)
		}
	})
}
