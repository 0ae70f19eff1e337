package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	entarticle "github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/api/token"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/sync/webhook"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

func ids(from, to int) (list []string) {
	for i := from; i <= to; i++ {
		list = append(list, fmt.Sprintf("chg_%d", i))
	}
	return list
}

// TestDeliver delivers more than a page, signed, once and in order.
func TestDeliver(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n, r := open(t, s), newReceiver(t)
		n.write(3) // before it was created
		w := n.hook(r)
		n.write(120)
		n.round()
		if got := r.took(); !slices.Equal(got, ids(4, 123)) {
			t.Errorf("took %v", got)
		}
		n.round()
		if now := n.now(w); len(r.took()) != 120 || now.Position != 123 || now.Failures != 0 {
			t.Errorf("%d events, then %+v", len(r.took()), now)
		}
		if list := n.attempts(w); len(list) != 100 || list[99].Outcome != "DELIVERED" || *list[99].Status != 200 || list[99].Type != "region.updated" {
			t.Errorf("the log of attempts: %v", list)
		}
		want := `{"type":"region.updated","timestamp":"2026-03-02T09:00:00+08:00","data":{"kind":"UPDATED","itemType":"REGION","itemId":"reg_5","version":1,"reason":null,"purge":false,"at":"2026-03-02T09:00:00+08:00","item":{"name":"第5个"},"beneath":[]}}`
		if got := string(r.bodies["chg_5"]); got != want {
			t.Errorf("received %s\nwant %s", got, want)
		}
	})
}

// TestDeliverRetries has a receiver that fails for a while: the event is repeated under the
// same id and with the same body, with growing delays, and the others wait.
func TestDeliverRetries(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n, r := open(t, s), newReceiver(t)
		w := n.hook(r)
		n.write(3)
		r.answers(func(id string, attempt int) int {
			if id == "chg_2" && attempt < 4 {
				return http.StatusServiceUnavailable
			}
			return http.StatusOK
		})
		n.rounds(3, time.Second)
		if now := n.now(w); now.Failures != 1 || *webhook.NextAttemptAt(now) > s.Clock().Add(6*time.Second) || len(r.took()) != 1 {
			t.Errorf("after the first failure: %+v, took %v", now, r.took())
		}
		n.rounds(20, 3*time.Minute)
		if got := r.took(); !slices.Equal(got, ids(1, 3)) {
			t.Errorf("took %v", got)
		}
		if tries := r.seen["chg_2"]; len(tries) != 4 || tries[0] != tries[3] {
			t.Errorf("tried %v", tries)
		}
		list := n.attempts(w)
		if len(list) != 6 || list[1].Error != "answered 503" || list[1].Answer != "" || list[3].Number != 3 {
			t.Errorf("the log of attempts: %v", list)
		}
	})
}

// TestDeliverPauses has a receiver that is down for days: the webhook is paused, and loses
// nothing.
func TestDeliverPauses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n, r := open(t, s), newReceiver(t)
		w := n.hook(r)
		n.write(2)
		r.answers(func(string, int) int { return http.StatusInternalServerError })
		n.rounds(10, 27*time.Hour) // the longest wait, with its jitter
		now := n.now(w)
		if now.State != "PAUSED" || !strings.Contains(string(now.Notice), "10 failed attempts at chg_1") || len(r.seen["chg_1"]) != 10 {
			t.Errorf("%+v after %d attempts", now, len(r.seen["chg_1"]))
		}
		if n.rounds(2, time.Hour); len(r.seen["chg_1"]) != 10 {
			t.Error("an event is delivered while it is paused")
		}
		r.answers(func(string, int) int { return http.StatusOK })
		on := true
		if _, err := n.Update(n.ctx, webhook.UpdateInput{Webhook: w.ID, Active: &on}); err != nil {
			t.Fatal(err)
		}
		n.round()
		if got := r.took(); !slices.Equal(got, ids(1, 2)) {
			t.Errorf("took %v", got)
		}
	})
}

// TestDeliverSetsAside has a receiver that refuses one event and accepts the next: the one
// becomes a dead letter, and arrives when it is replayed.
func TestDeliverSetsAside(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n, r := open(t, s), newReceiver(t)
		w := n.hook(r)
		n.write(4)
		r.answers(func(id string, _ int) int {
			if id == "chg_2" {
				return http.StatusUnprocessableEntity
			}
			return http.StatusOK
		})
		n.rounds(8, 40*time.Minute)
		if got := r.took(); !slices.Equal(got, []string{"chg_1", "chg_3", "chg_4"}) || len(r.seen["chg_2"]) != 4 {
			t.Errorf("took %v, %d attempts", got, len(r.seen["chg_2"]))
		}
		if dead := n.dead(w); !slices.Equal(dead, []string{"chg_2"}) {
			t.Errorf("dead letters: %v", dead)
		}
		r.answers(func(string, int) int { return http.StatusOK })
		event := "chg_2"
		if _, err := n.Replay(n.ctx, webhook.ReplayInput{Webhook: w.ID, Event: &event}); err != nil {
			t.Fatal(err)
		}
		n.write(1)
		n.round()
		if got := r.took(); !slices.Equal(got, []string{"chg_1", "chg_3", "chg_4", "chg_2", "chg_5"}) || len(n.dead(w)) != 0 {
			t.Errorf("took %v, dead letters %v", got, n.dead(w))
		}
	})
}

// TestReplayRange delivers what changed between two times again, and then continues.
func TestReplayRange(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n, r := open(t, s), newReceiver(t)
		w := n.hook(r)
		for range 8 {
			n.write(30)
			s.Advance(time.Hour)
		}
		n.round()
		from, until := storetest.Start.Add(2*time.Hour), storetest.Start.Add(4*time.Hour)
		if _, err := n.Replay(n.ctx, webhook.ReplayInput{Webhook: w.ID, From: &from, Until: &until}); err != nil {
			t.Fatal(err)
		}
		n.write(1)
		n.round()
		if got := r.took()[240:]; !slices.Equal(got, append(ids(61, 150), "chg_241")) {
			t.Errorf("took %v", got)
		}
		if now := n.now(w); now.ReplayUntil != 0 || now.Position != 241 {
			t.Errorf("then %+v", now)
		}
	})
}

// TestDeliverEnds has a receiver that answers 410 Gone.
func TestDeliverEnds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n, r := open(t, s), newReceiver(t)
		w := n.hook(r)
		n.write(2)
		r.answers(func(string, int) int { return http.StatusGone })
		n.rounds(5, time.Hour)
		if now := n.now(w); now.State != "GONE" || now.Notice == "" || len(r.seen) != 1 || len(r.seen["chg_1"]) != 1 {
			t.Errorf("%+v, seen %v", now, r.seen)
		}
	})
}

// TestRotate signs with both secrets until the old one expires.
func TestRotate(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n, r := open(t, s), newReceiver(t)
		w, old, err := n.Create(n.ctx, webhook.CreateInput{URL: r.URL})
		if err != nil {
			t.Fatal(err)
		}
		_, fresh, err := n.Rotate(n.ctx, webhook.RotateInput{Webhook: w.ID})
		if err != nil || fresh == old {
			t.Fatal(fresh, err)
		}
		r.trust(t, old, fresh)
		n.write(1)
		n.round()
		s.Advance(25 * time.Hour)
		r.trust(t, fresh)
		n.write(1)
		n.round()
		if got := r.took(); !slices.Equal(got, ids(1, 2)) {
			t.Errorf("took %v", got)
		}
		if now := n.now(w); strings.Contains(now.Secret+now.PreviousSecret, "whsec_") {
			t.Error("the database holds a secret in plain text")
		}
	})
}

// TestLease runs two processes: one delivers, and the other takes over when the lease of the
// first has expired.
func TestLease(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n, r := open(t, s), newReceiver(t)
		n.hook(r)
		n.write(1)
		n.round()
		other := n.newRunner()
		n.write(1)
		both := make(chan error)
		for _, runner := range []*webhook.Runner{other, n.runner} {
			go func() { both <- runner.Round(context.Background()) }()
		}
		for range 2 {
			if err := <-both; err != nil {
				t.Error(err)
			}
		}
		n.write(1)
		s.Advance(time.Minute) // the first one is dead
		if err := other.Round(context.Background()); err != nil {
			t.Error(err)
		}
		if got := r.took(); s.Engine == "postgres" && !slices.Equal(got, ids(1, 3)) {
			t.Errorf("took %v", got)
		}
	})
}

// TestDeliverChecksTheToken revokes the token that owns a webhook.
func TestDeliverChecksTheToken(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n, r := open(t, s), newReceiver(t)
		w := n.hook(r)
		if err := token.New(s.Store).Revoke(system(), n.token.ID); err != nil {
			t.Fatal(err)
		}
		n.write(1)
		n.round()
		if now := n.now(w); now.State != "PAUSED" || len(r.took()) != 0 {
			t.Errorf("%+v, took %v", now, r.took())
		}
	})
}

// TestStartOver begins a new epoch, as a restore does: the receiver is notified at once, and then
// gets what follows.
func TestStartOver(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n, r := open(t, s), newReceiver(t)
		n.hook(r)
		n.write(2)
		n.round()
		if err := n.log.StartOver(system()); err != nil {
			t.Fatal(err)
		}
		n.round()
		n.write(1)
		n.rounds(2, time.Second)
		got := r.took()
		if len(got) != 4 || !strings.HasPrefix(got[2], "chg_start_over_") || got[3] != "chg_3" {
			t.Fatalf("took %v", got)
		}
		if body := string(r.bodies[got[2]]); !strings.Contains(body, `"type":"changes.start_over"`) {
			t.Errorf("the event says %s", body)
		}
	})
}

// TestStartOverAfterALoss removes the newest entries together with how far the webhook has come,
// as a failover does: the receiver is notified at once, and then gets what follows, though the
// new entries have the positions of those that it has received.
func TestStartOverAfterALoss(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n, r := open(t, s), newReceiver(t)
		w := n.hook(r)
		n.write(1)
		n.round()
		before := n.now(w)
		n.write(2)
		n.round()
		c := s.Client(system())
		err := errors.Join(c.Webhook.UpdateOneID(w.ID).SetPosition(before.Position).SetBase(before.Base).SetEntry(before.Entry).Exec(system()))
		for _, statement := range []string{"DELETE FROM changes WHERE position > $1", "UPDATE change_head SET last = $1"} {
			_, failed := c.ExecContext(system(), statement, before.Position)
			err = errors.Join(err, failed)
		}
		if err != nil {
			t.Fatal(err)
		}
		n.rounds(2, time.Second)
		if got := r.took(); len(got) != 4 || !strings.HasPrefix(got[3], "chg_start_over_") {
			t.Fatalf("after the loss took %v", got)
		}
		n.write(2)
		n.rounds(2, time.Second)
		if got := r.took()[4:]; !slices.Equal(got, []string{"chg_2", "chg_3"}) {
			t.Errorf("then took %v", got)
		}
	})
}

// TestHiddenWhileDelivering hides an article while the receiver takes the event before it: the
// article is not sent any more, though its page was read before.
func TestHiddenWhileDelivering(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := portal.New(t, s)
		n, r := open(t, s), newReceiver(t)
		first := p.Article(article.CreateInput{Title: "河堤上的合唱"}, s.Clock())
		second := p.Article(article.CreateInput{Title: "泄露的病历"}, s.Clock())
		w, secret, err := n.Create(n.ctx, webhook.CreateInput{URL: r.URL, FromBeginning: new(true)})
		if err != nil {
			t.Fatal(err)
		}
		r.trust(t, secret)
		var hide sync.Once
		r.answers(func(string, int) int {
			hide.Do(func() {
				if err := s.Client(system()).Article.UpdateOneID(second.ID).SetStatus(entarticle.StatusTAKEN_DOWN).Exec(system()); err != nil {
					t.Error(err)
				}
			})
			return http.StatusOK
		})
		n.round()
		all := ""
		for _, body := range r.bodies {
			all += string(body)
		}
		if !strings.Contains(all, first.Title) || !strings.Contains(all, second.ID) || strings.Contains(all, second.Title) {
			t.Errorf("%s received %s", w.ID, all)
		}
	})
}
