package webhook_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/egress"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/sync/webhook"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestPermissions tries everything in each role.
func TestPermissions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n, r := open(t, s), newReceiver(t)
		w := n.hook(r)
		do := func(ctx context.Context) (errs []error) {
			on := true
			_, _, err := n.Create(ctx, webhook.CreateInput{URL: r.URL})
			errs = append(errs, err)
			_, err = n.Update(ctx, webhook.UpdateInput{Webhook: w.ID, Active: &on})
			errs = append(errs, err)
			_, _, err = n.Rotate(ctx, webhook.RotateInput{Webhook: w.ID})
			errs = append(errs, err)
			from := s.Clock()
			_, err = n.Replay(ctx, webhook.ReplayInput{Webhook: w.ID, From: &from})
			errs = append(errs, err)
			list, err := n.List(ctx, pagination.Request{})
			if err == nil && len(list.Edges) > 0 && list.Edges[0].Node.ID == w.ID {
				err = errors.New("it is in the list")
			}
			return append(errs, err, n.Delete(ctx, w.ID))
		}
		for _, role := range []viewer.Role{viewer.Anonymous, viewer.Reader, viewer.Publisher, viewer.Editor, viewer.Moderator} {
			want := fault.Forbidden
			if role == viewer.Anonymous {
				want = fault.Unauthenticated
			}
			for i, err := range do(viewer.With(context.Background(), viewer.Viewer{Role: role, TokenID: "tok_x"})) {
				if !fault.Is(err, want) {
					t.Errorf("%s, attempt %d: %v", role, i, err)
				}
			}
		}
		stranger := do(n.colleague().ctx)
		for i, want := range []bool{true, false, false, false, true, false} {
			if err := stranger[i]; (err == nil) != want || !want && !fault.Is(err, fault.NotFound) {
				t.Errorf("another integrator, attempt %d: %v", i, err)
			}
		}
		admin := viewer.With(context.Background(), viewer.Viewer{Role: viewer.Admin, TokenID: "tok_admin"})
		if list, err := n.List(admin, pagination.Request{}); err != nil || len(list.Edges) != 2 {
			t.Errorf("an administrator sees %v, %v", list, err)
		}
		if err := n.Delete(admin, w.ID); err != nil {
			t.Error(err)
		}
	})
}

// TestCreateRejects gives invalid addresses and settings.
func TestCreateRejects(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	n := open(t, s)
	for _, address := range []string{"", "example.com", "ftp://example.com/", "https://", "https:///x", "https://u:p@example.com/",
		"https://example.com/#x", "https://10.0.0.1/", "https://[::1]/", "https://169.254.169.254/", "http:\x00", "https://" + strings.Repeat("x", 1000)} {
		var invalid fault.Invalid
		if _, _, err := n.Create(n.ctx, webhook.CreateInput{URL: address}); !errors.As(err, &invalid) || invalid[0].Field[0] != "url" {
			t.Errorf("%q: %v", address, err)
		}
	}
	name, category, hours := strings.Repeat("长", 101), "art_01h455vb4pex5vsknk084sn02q", 721
	_, _, err := n.Create(n.ctx, webhook.CreateInput{URL: "https://example.com/", Name: &name, Filter: &changefeed.Filter{Category: &category}})
	var invalid fault.Invalid
	if !errors.As(err, &invalid) || len(invalid) != 2 {
		t.Errorf("%v", err)
	}
	if _, _, err := n.Rotate(n.ctx, webhook.RotateInput{Webhook: "whk_x", OverlapHours: &hours}); !errors.As(err, &invalid) {
		t.Errorf("%v", err)
	}
	none := webhook.New(s.Store, changefeed.New(s.Store), webhook.Options{})
	if _, _, err := none.Create(n.ctx, webhook.CreateInput{URL: "https://example.com/"}); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "TONGGAO_SECRET_KEY") {
		t.Errorf("without a key: %v", err)
	}
	if _, _, err := none.Create(n.ctx, webhook.CreateInput{URL: "http://example.com/"}); err == nil {
		t.Error("plain HTTP is accepted")
	}
}

// TestReplayRejects asks for events that were not delivered.
func TestReplayRejects(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	n, r := open(t, s), newReceiver(t)
	w := n.hook(r)
	n.write(2)
	n.round()
	unknown, word, early, late := "chg_9", "chg_x", s.Clock().Add(-time.Hour), s.Clock().Add(time.Hour)
	for i, in := range []webhook.ReplayInput{{}, {Event: &unknown}, {Event: &word}, {From: &late}, {From: &late, Until: &early}, {From: &early, Event: &unknown}} {
		in.Webhook = w.ID
		var invalid fault.Invalid
		if _, err := n.Replay(n.ctx, in); !errors.As(err, &invalid) {
			t.Errorf("replay %d: %v", i, err)
		}
	}
	if n.now(w).ReplayUntil != 0 {
		t.Error("a replay is running")
	}
}

// TestFilter delivers one type only, and remembers how far it read.
func TestFilter(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n, r := open(t, s), newReceiver(t)
		w := n.hook(r)
		if _, err := n.Update(n.ctx, webhook.UpdateInput{Webhook: w.ID, Filter: &changefeed.Filter{Types: []changefeed.ItemType{changefeed.Category}}}); err != nil {
			t.Fatal(err)
		}
		n.write(30)
		n.round()
		if statements := s.Count(n.round); statements > 3 { // the end of the log, whether what was seen is still there, and who is behind it
			t.Errorf("%d statements to find nothing new", statements)
		}
		n.append(changefeed.Entry{Kind: changefeed.Deleted, Type: "Category", ID: "cat_1", Version: 2})
		n.write(600)
		n.round()
		if now := n.now(w); !slices.Equal(r.took(), []string{"chg_31"}) || now.Position < 500 {
			t.Errorf("took %v, then at %d", r.took(), now.Position)
		}
	})
}

// TestUpdatePauses pauses a webhook, which continues where it stopped.
func TestUpdatePauses(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	n, r := open(t, s), newReceiver(t)
	w := n.hook(r)
	off, on := false, true
	if _, err := n.Update(n.ctx, webhook.UpdateInput{Webhook: w.ID, Active: &off}); err != nil {
		t.Fatal(err)
	}
	n.write(1)
	n.round()
	if now := n.now(w); len(r.took()) != 0 || now.Notice == "" {
		t.Errorf("took %v: %+v", r.took(), now)
	}
	if _, err := n.Update(n.ctx, webhook.UpdateInput{Webhook: w.ID, Active: &on}); err != nil {
		t.Fatal(err)
	}
	n.round()
	if now := n.now(w); len(r.took()) != 1 || now.Notice != "" {
		t.Errorf("took %v: %+v", r.took(), now)
	}
}

// TestRunShutsDown stops in the middle of an attempt, which does not count and is repeated.
func TestRunShutsDown(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n, r := open(t, s), newReceiver(t)
		w := n.hook(r)
		n.write(1)
		ctx, cancel := context.WithCancel(context.Background())
		r.answers(func(string, int) int { cancel(); return http.StatusOK })
		n.newRunner().Run(ctx)
		n.round()
		if now := n.now(w); now.Failures != 0 || now.Position != 1 || len(r.seen["chg_1"]) < 1 {
			t.Errorf("%+v, seen %v", now, r.seen)
		}
	})
}

// TestRunPrunes runs after the retention period of attempts.
func TestRunPrunes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n, r := open(t, s), newReceiver(t)
		w := n.hook(r)
		n.write(2)
		n.round()
		s.Advance(31 * 24 * time.Hour)
		n.write(1)
		again := n.Runner(webhook.RunnerOptions{Logger: slog.New(slog.DiscardHandler), Client: egress.New(egress.Options{Allow: loopback})})
		ctx, cancel := context.WithCancel(context.Background())
		stopped := make(chan struct{})
		go func() { defer close(stopped); again.Run(ctx) }()
		defer func() { cancel(); <-stopped }()
		check.Eventually(t, "the attempts are pruned", func() bool {
			list := n.attempts(w)
			return len(list) == 1 && list[0].Event == "chg_3"
		})
	})
}

// TestDeliverWithLostKey opens the database with another key.
func TestDeliverWithLostKey(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	n, r := open(t, s), newReceiver(t)
	w := n.hook(r)
	n.write(1)
	other := open(t, s)
	other.round()
	if now := n.now(w); now.State != "PAUSED" || !strings.Contains(string(now.Notice), "rotate") || len(r.took()) != 0 {
		t.Errorf("%+v", now)
	}
}
