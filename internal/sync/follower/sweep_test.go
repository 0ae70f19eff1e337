package follower_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	entcomment "github.com/tonggao/tonggao/ent/comment"
	entregion "github.com/tonggao/tonggao/ent/region"
	"github.com/tonggao/tonggao/internal/content/region"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestStartOver removes content from the origin without a trace in its log and begins a new
// epoch, as a restore does: the copy starts over on its own and ends equal. What was made in
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
		if err := q.Regions.Delete(apptest.System(), own.ID); err != nil {
			t.Errorf("what was made in the copy is gone: %v", err)
		}
		if diff := cmp.Diff(shown(p, n.CategoryIDs), shown(q, n.CategoryIDs)); diff != "" {
			t.Fatalf("the origin (-) and the copy (+) differ: %s", diff)
		}
	})
}

// TestStartOverAfterAFailover removes the newest changes of the origin with what they made, as
// a failover to a standby that had not received them, before and after others take their
// positions: the copy ends equal, though no operator ran a command.
func TestStartOverAfterAFailover(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, origin *storetest.Store) {
		n := portal.NewWriter(t, origin, 32)
		p, q := apptest.Start(t, origin), apptest.Start(t, storetest.SQLite(t))
		token := p.Token(viewer.Integrator, "")
		add := func(names ...string) {
			for _, name := range names {
				_, err := p.Regions.Create(apptest.System(), region.CreateInput{Name: name})
				n.Must(err)
			}
		}
		follow := func() {
			t.Helper()
			n.Must(newFollower(t, q, p.URL, token, nil).Once(t.Context()))
			if diff := cmp.Diff(shown(p, n.CategoryIDs), shown(q, n.CategoryIDs)); diff != "" {
				t.Fatalf("the origin (-) and the copy (+) differ: %s", diff)
			}
		}
		lose := func(names ...string) {
			end, err := n.Log.End(apptest.System())
			n.Must(err)
			end -= int64(len(names))
			c := origin.Client(apptest.System())
			_, err = c.Region.Delete().Where(entregion.NameIn(names...)).Exec(apptest.System())
			n.Must(err)
			for _, statement := range []string{"DELETE FROM changes WHERE position > $1", "UPDATE change_head SET last = $1"} {
				_, err = c.ExecContext(apptest.System(), statement, end)
				n.Must(err)
			}
		}
		add("云溪", "竹湾")
		follow()
		add("白石", "青桥")
		follow()
		lose("白石", "青桥")
		follow()
		add("松岭", "梅川")
		follow()
		lose("松岭", "梅川")
		add("柳湖", "荷塘", "桂林坳")
		follow()
	})
}
