package article_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	entbody "github.com/tonggao/tonggao/ent/body"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// consumer follows the change log through one replica, and notes of each article what it was
// sent: the kinds, in lower case with an item and in upper case without.
type consumer struct {
	*portal.Portal
	at  changefeed.Cursor
	got map[string][]string
}

// poll reads up to the end of the log.
func (c *consumer) poll() {
	for more := true; more; {
		page, err := c.Log.Page(as(viewer.Viewer{Role: viewer.Integrator}), c.at, 100, changefeed.Filter{})
		c.Must(err)
		for _, e := range page.Edges {
			kind := string(e.Node.Kind)
			if e.Node.Item != nil {
				kind = strings.ToLower(kind)
			}
			c.got[e.Node.ItemID] = append(c.got[e.Node.ItemID], kind)
		}
		c.at, more = page.End, page.More
	}
}

// replicas returns a portal and a second program on its database, each with a consumer.
func replicas(t *testing.T, s *storetest.Store) (*fixture, [2]*consumer) {
	n := open(t, s)
	var list [2]*consumer
	for i, p := range []*portal.Portal{n.Portal, portal.New(t, storetest.Open(t, s.URL))} {
		list[i] = &consumer{Portal: p, got: map[string][]string{}}
		list[i].poll()
	}
	return n, list
}

// TestClocksDiffer runs two programs on one database whose clocks differ, or jump by an hour,
// while 100 articles are published and expire by schedule: the consumer of each is sent every
// article once, with its content, and its expiry once.
func TestClocksDiffer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n, both := replicas(t, s)
		clock := n.Clock()
		run := func(skew [2]time.Duration, d time.Duration) {
			clock = clock.Add(d)
			for i, r := range both {
				r.Set(clock.Add(skew[i]))
				n.Must(r.Articles.LogDue(system))
				for _, r := range both {
					r.poll()
				}
			}
		}
		for name, skews := range map[string][][2]time.Duration{
			"5 ms":            {{0, -5 * time.Millisecond}},
			"300 ms":          {{-300 * time.Millisecond, 0}},
			"30 s":            {{0, 30 * time.Second}},
			"an hour forward": {{0, 0}, {0, time.Hour}, {0, 0}},
			"an hour back":    {{0, 0}, {-time.Hour, 0}, {0, -time.Hour}},
		} {
			var ids []string
			n.Set(clock)
			for i := range 20 {
				at := clock.Add(time.Minute + time.Duration(i)*100*time.Millisecond)
				ends := at.Add(2 * time.Hour)
				a, err := n.Publish(editor, article.PublishInput{Article: n.draft(fmt.Sprintf("预告%d", i)).ID, At: &at, ExpiresAt: &ends})
				n.Must(err)
				ids = append(ids, a.ID)
			}
			for i, step := range []time.Duration{time.Minute, 400 * time.Millisecond, 500 * time.Millisecond, 500 * time.Millisecond, time.Minute} {
				run(skews[i%len(skews)], step)
			}
			for i, step := range []time.Duration{2*time.Hour - time.Minute, 400 * time.Millisecond, time.Second, 2 * time.Hour} {
				run(skews[i%len(skews)], step)
			}
			for i, r := range both {
				for _, id := range ids {
					if got := strings.Join(r.got[id], " "); got != "published EXPIRED" {
						t.Errorf("%s: the consumer of replica %d was sent %q of an article", name, i+1, got)
						break
					}
				}
			}
		}
	})
}

// TestEditBehindTheClock edits an article that a program with a clock ahead has published, by
// one whose clock is behind: it stays published, also for who begins now.
func TestEditBehindTheClock(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n, both := replicas(t, s)
		at := n.Clock().Add(time.Minute)
		a, err := n.Publish(editor, article.PublishInput{Article: n.draft("预告").ID, At: &at})
		n.Must(err)
		both[1].Advance(time.Minute)
		n.Must(both[1].Articles.LogDue(system))
		_, err = n.Update(editor, article.UpdateInput{Article: a.ID, Version: a.Version, Title: new("改过的预告")})
		n.Must(err)
		for range 2 {
			n.Must(n.LogDue(system))
			n.Advance(time.Hour)
		}
		for i, r := range both {
			if r.poll(); strings.Join(r.got[a.ID], " ") != "published updated" {
				t.Errorf("the consumer of replica %d was sent %q", i+1, r.got[a.ID])
			}
		}
	})
}

// TestBadArticleDoesNotStopTheRound has an article without a readable document among those that
// are due: the others are logged in the same round, and it once its document is repaired.
func TestBadArticleDoesNotStopTheRound(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n, both := replicas(t, s)
		var ids []string
		for i := range 5 {
			at := n.Clock().Add(time.Duration(1+i) * time.Second)
			a, err := n.Publish(editor, article.PublishInput{Article: n.draft(fmt.Sprintf("预告%d", i)).ID, At: &at})
			n.Must(err)
			ids = append(ids, a.ID)
		}
		c := n.Client(system)
		sound, err := c.Body.Get(system, ids[2])
		n.Must(err)
		n.Must(c.Body.Update().Where(entbody.ID(ids[2])).SetDocument("{").Exec(system))
		n.Advance(time.Minute)
		if err := n.LogDue(system); err == nil || !strings.Contains(err.Error(), ids[2]) {
			t.Errorf("the round returned %v", err)
		}
		sent := func(want ...string) {
			t.Helper()
			both[0].poll()
			for i, id := range ids {
				if got := strings.Join(both[0].got[id], " "); got != want[i] {
					t.Errorf("of article %d was sent %q, want %q", i, got, want[i])
				}
			}
		}
		sent("published", "published", "", "published", "published")
		if err := n.LogDue(system); err != nil {
			t.Errorf("at once after the failure: %v", err)
		}
		check.Equal(t, "articles that fail", n.Failing(), 1)
		n.Must(c.Body.Update().Where(entbody.ID(ids[2])).SetDocument(sound.Document).Exec(system))
		n.Advance(time.Minute)
		n.Must(n.LogDue(system))
		check.Equal(t, "articles that fail after the repair", n.Failing(), 0)
		sent("published", "published", "published", "published", "published")
	})
}
