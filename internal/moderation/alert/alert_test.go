package alert_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/tonggao/tonggao/ent"
	entalert "github.com/tonggao/tonggao/ent/alert"
	"github.com/tonggao/tonggao/internal/foundation/egress"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/foundation/webhooksig"
	"github.com/tonggao/tonggao/internal/moderation/alert"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

var system = viewer.AsSystem(context.Background())

// receiver is the operator's program.
type receiver struct {
	*httptest.Server
	secret string

	mu       sync.Mutex
	status   int      // of its answers
	ids      []string // of all attempts
	accepted []string // the reports of the alerts that it acknowledged
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	d := &receiver{secret: webhooksig.NewSecret(), status: http.StatusNoContent}
	verifier, err := standardwebhooks.NewWebhook(d.secret)
	if err != nil {
		t.Fatal(err)
	}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if err := verifier.VerifyIgnoringTimestamp(body, r.Header); err != nil {
			t.Errorf("an alert that does not verify: %v", err)
		}
		var is struct {
			Type, Timestamp string
			Data            struct{ Report string }
		}
		if err := json.Unmarshal(body, &is); err != nil || is.Type != "report.overdue" || is.Timestamp == "" {
			t.Errorf("%s: %v", body, err)
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.ids = append(d.ids, r.Header.Get("Webhook-Id"))
		if d.status < 300 {
			d.accepted = append(d.accepted, is.Data.Report)
		}
		w.WriteHeader(d.status)
	}))
	t.Cleanup(d.Close)
	return d
}

// outbox returns an outbox of s that sends to d.
func (d *receiver) outbox(s *storetest.Store) *alert.Outbox {
	loopback := egress.Networks{netip.MustParsePrefix("127.0.0.0/8")}
	return alert.New(s.Store, alert.Options{URL: d.URL, Secret: d.secret, Logger: slog.New(slog.DiscardHandler),
		Client: egress.New(egress.Options{Allow: loopback})})
}

func (d *receiver) answer(status int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.status = status
}

// write writes an alert for each of the reports, in transactions of their own.
func write(t *testing.T, s *storetest.Store, b *alert.Outbox, names ...string) {
	t.Helper()
	for _, name := range names {
		err := s.Tx(system, func(ctx context.Context, c *ent.Client) error {
			return b.Write(ctx, c, "report.overdue", map[string]string{"report": name})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// pending returns the number of alerts in the outbox.
func pending(t *testing.T, s *storetest.Store) int {
	t.Helper()
	n, err := s.Client(system).Alert.Query().Count(system)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestRoundRetries has a receiver that fails for a while: every alert arrives, under the id
// of its first attempt, and is removed then.
func TestRoundRetries(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		d := newReceiver(t)
		b := d.outbox(s)
		write(t, s, b, "a", "b")
		d.answer(http.StatusInternalServerError)
		for range 3 {
			if err := b.Round(system); err != nil {
				t.Fatal(err)
			}
		}
		if len(d.ids) != 2 || len(d.accepted) != 0 || pending(t, s) != 2 {
			t.Fatalf("%d attempts, %v, %d pending: a failed alert is retried at once", len(d.ids), d.accepted, pending(t, s))
		}
		d.answer(http.StatusNoContent)
		s.Advance(6 * time.Second)
		if err := d.outbox(s).Round(system); err != nil { // after a restart
			t.Fatal(err)
		}
		slices.Sort(d.accepted)
		slices.Sort(d.ids)
		if !slices.Equal(d.accepted, []string{"a", "b"}) || len(slices.Compact(d.ids)) != 2 || pending(t, s) != 0 {
			t.Errorf("accepted %v under %v, %d pending", d.accepted, d.ids, pending(t, s))
		}
	})
}

// TestRoundDropsAfterThreeDays has a receiver that never accepts an alert.
func TestRoundDropsAfterThreeDays(t *testing.T) {
	t.Parallel()
	s, d := storetest.SQLite(t), newReceiver(t)
	b := d.outbox(s)
	d.answer(http.StatusNotFound)
	write(t, s, b, "a")
	for range 12 {
		if err := b.Round(system); err != nil {
			t.Fatal(err)
		}
		s.Advance(30 * time.Hour)
	}
	if len(d.ids) != 10 || pending(t, s) != 0 {
		t.Errorf("%d attempts, %d pending", len(d.ids), pending(t, s))
	}
}

// TestWriteRollsBack fails the transaction of an alert.
func TestWriteRollsBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		d := newReceiver(t)
		b := d.outbox(s)
		err := s.Tx(system, func(ctx context.Context, c *ent.Client) error {
			if err := b.Write(ctx, c, "report.overdue", nil); err != nil {
				t.Error(err)
			}
			return context.Canceled
		})
		if err == nil || pending(t, s) != 0 {
			t.Errorf("%v, %d pending", err, pending(t, s))
		}
	})
}

// TestRoundOnTwoReplicas runs two at once: each alert is sent by one of them.
func TestRoundOnTwoReplicas(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		d := newReceiver(t)
		names := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
		write(t, s, d.outbox(s), names...)
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				if err := d.outbox(s).Round(system); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		slices.Sort(d.accepted)
		if !slices.Equal(d.accepted, names) {
			t.Errorf("accepted %v", d.accepted)
		}
	})
}

// TestWriteWithoutReceiver writes nothing.
func TestWriteWithoutReceiver(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	b := alert.New(s.Store, alert.Options{})
	write(t, s, b, "a")
	if pending(t, s) != 0 {
		t.Error("an alert without a receiver is kept")
	}
}

// TestRun sends what is due until it is stopped, also unsigned.
func TestRun(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	received := make(chan http.Header, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { received <- r.Header }))
	t.Cleanup(server.Close)
	b := alert.New(s.Store, alert.Options{URL: server.URL, Logger: slog.New(slog.DiscardHandler),
		Client: egress.New(egress.Options{Allow: egress.Networks{netip.MustParsePrefix("127.0.0.0/8")}})})
	write(t, s, b, "a")
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- b.Run(ctx) }()
	if h := <-received; h.Get("Webhook-Id") == "" || h.Get("Webhook-Signature") != "" {
		t.Errorf("an alert without a secret has the headers %v", h)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := alert.New(s.Store, alert.Options{}).Run(t.Context()); err != nil {
		t.Errorf("without a receiver: %v", err)
	}
}

// TestRoundStopsWhileTheReceiverIsDown sends one alert to a closed port, and leaves the
// others to the next round; a receiver that answers with errors gets all of them.
func TestRoundStopsWhileTheReceiverIsDown(t *testing.T) {
	t.Parallel()
	s, d := storetest.SQLite(t), newReceiver(t)
	b := d.outbox(s)
	write(t, s, b, "a", "b", "c")
	d.Close()
	if err := b.Round(system); err != nil {
		t.Fatal(err)
	}
	tried, err := s.Client(system).Alert.Query().Where(entalert.TriesGT(0)).Count(system)
	if err != nil || tried != 1 {
		t.Errorf("%d alerts were tried, %v", tried, err)
	}
	ctx, cancel := context.WithCancel(system)
	cancel()
	if err := b.Round(ctx); err == nil {
		t.Error("a round after the end succeeded")
	}
}

// TestWriteRejects encodes data that JSON does not have.
func TestWriteRejects(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	b := newReceiver(t).outbox(s)
	err := s.Tx(system, func(ctx context.Context, c *ent.Client) error { return b.Write(ctx, c, "report.overdue", func() {}) })
	if err == nil || pending(t, s) != 0 {
		t.Errorf("%v, %d pending", err, pending(t, s))
	}
}
