package changefeed_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent/change"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

func TestPageRequiresRole(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	log := changefeed.New(s.Store)
	for _, role := range append(viewer.Roles(), viewer.Anonymous) {
		want := fault.Forbidden
		switch role {
		case viewer.Integrator, viewer.Editor, viewer.Moderator, viewer.Admin:
			want = ""
		case viewer.Anonymous:
			want = fault.Unauthenticated
		}
		_, err := log.Page(viewer.With(context.Background(), viewer.Viewer{Role: role}), changefeed.Cursor{}, 10, changefeed.Filter{})
		if got := fault.CodeOf(err); err == nil && want != "" || err != nil && got != want {
			t.Errorf("%s: %v", role, err)
		}
	}
}

func TestCursorIsBoundToFilter(t *testing.T) {
	t.Parallel()
	n := open(t, storetest.SQLite(t), 1)
	articles := changefeed.Filter{Types: []changefeed.ItemType{changefeed.Article, changefeed.Comment}}
	same := changefeed.Filter{Types: []changefeed.ItemType{changefeed.Comment, changefeed.Article, changefeed.Article}}
	at := changefeed.Cursor{Position: 2, Base: 7, Step: "art_1"}
	text := n.Log.Sign(at, articles)
	got, err := n.Log.Cursor(system, &text, same)
	if n.Must(err); got != at {
		t.Errorf("got %v", got)
	}
	altered := "B" + text[1:]
	for what, try := range map[string]struct {
		text   string
		filter changefeed.Filter
	}{"another filter": {text, changefeed.Filter{}}, "altered": {altered, articles}} {
		if _, err := n.Log.Cursor(system, &try.text, try.filter); fault.CodeOf(err) != fault.BadUserInput {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestDueIsLoggedOnce lets several programs process an article whose time has come.
func TestDueIsLoggedOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s, 3)
		n.Write()
		id, now := n.ArticleIDs[0], s.Clock()
		_, err := n.Articles.Publish(system, article.PublishInput{Article: id, At: new(now.Add(time.Minute)), ExpiresAt: new(now.Add(time.Hour))})
		n.Must(err)
		seen := func() bool {
			t.Helper()
			found, err := n.Articles.ByIDs(integrator, []string{id})
			n.Must(err)
			return found[id] != nil
		}
		for _, step := range []struct {
			after time.Duration
			shown bool
		}{{0, false}, {time.Minute, true}, {time.Hour, false}} {
			if s.Advance(step.after); seen() != step.shown {
				t.Errorf("after %s, before anybody looked at the clock: seen %t", step.after, seen())
			}
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					if err := n.Articles.LogDue(system); err != nil {
						t.Errorf("due: %v", err)
					}
				})
			}
			all.Wait()
			if seen() != step.shown {
				t.Errorf("after %s: seen %t", step.after, seen())
			}
		}
		kinds, err := s.Client(system).Change.Query().Where(change.ItemID(id)).Order(change.ByID()).Select(change.FieldKind).Strings(system)
		n.Must(err)
		if got, want := strings.Join(kinds, " "), "PUBLISHED UNPUBLISHED PUBLISHED EXPIRED"; got != want {
			t.Errorf("the log says %s, want %s", got, want)
		}
	})
}

// TestPurgeBlanks takes an article down: its content is nowhere in the log any more.
func TestPurgeBlanks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s, 5)
		n.Write()
		n.TakeDown()
		payloads, err := s.Client(system).Change.Query().Where(change.ItemID(n.ArticleIDs[0])).Select(change.FieldPayload).Strings(system)
		n.Must(err)
		if len(payloads) < 2 || slices.ContainsFunc(payloads, func(p string) bool { return p != "" }) {
			t.Errorf("the log still holds %q", payloads)
		}
	})
}

// TestPageStatements counts the statements of pages: neither the number of changes nor what
// they expand to decides how many there are.
func TestPageStatements(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s, 11)
		for range 120 {
			n.Act()
		}
		const most = 14
		for i := range 10 {
			r := &replica{filter: n.filters(i), items: map[string]held{}}
			for more := true; more; {
				statements := s.Count(func() {
					var err error
					more, err = r.read(integrator, n.Log, 1+n.Random.IntN(100), false)
					n.Must(err)
				})
				if statements > most {
					t.Errorf("%d statements for a page of %s", statements, describe(r.filter))
				}
			}
		}
	})
}

// TestWait wakes readers of this program and of another by an entry, a new epoch, and the
// loss of the last entries.
func TestWait(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s, 2)
		end, err := n.Log.Wait(system, changefeed.Mark{Position: -1})
		n.Must(err)
		other := changefeed.New(s.Store) // another program, which only polls
		for what, do := range map[string]func(){
			"an entry":    func() { n.AddCategory() },
			"a new epoch": func() { n.Must(n.Log.StartOver(system)) },
			"a loss":      func() { loseAfter(t, s, end.Position-1) },
		} {
			woken := make(chan changefeed.Mark, 2)
			for _, log := range []*changefeed.Log{n.Log, other} {
				go func() {
					now, err := log.Wait(system, end)
					if err != nil || now == end {
						t.Errorf("%s: the end is %v, %v", what, now, err)
					}
					woken <- now
				}()
			}
			do()
			<-woken
			end = <-woken
		}
		ctx, stop := context.WithCancel(system)
		stop()
		if _, err := n.Log.Wait(ctx, end); err == nil {
			t.Error("waited for nothing and came back without an error")
		}
	})
}
