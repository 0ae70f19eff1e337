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
	"github.com/tonggao/tonggao/internal/foundation/egress"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/foundation/webhooksig"
	"github.com/tonggao/tonggao/internal/moderation/alert"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

var system = viewer.AsSystem(context.Background())

// duty is a program of an operator's, with the notices that it took.
type duty struct {
	*httptest.Server
	secret string

	mu     sync.Mutex
	answer int
	ids    []string // of every attempt
	took   []string // the reports that notices were about
}

func newDuty(t *testing.T) *duty {
	t.Helper()
	d := &duty{secret: webhooksig.NewSecret(), answer: http.StatusNoContent}
	verifier, err := standardwebhooks.NewWebhook(d.secret)
	if err != nil {
		t.Fatal(err)
	}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if err := verifier.VerifyIgnoringTimestamp(body, r.Header); err != nil {
			t.Errorf("a notice that does not verify: %v", err)
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
		if d.answer < 300 {
			d.took = append(d.took, is.Data.Report)
		}
		w.WriteHeader(d.answer)
	}))
	t.Cleanup(d.Close)
	return d
}

func (d *duty) box(s *storetest.Store) *alert.Outbox {
	loopback := egress.Networks{netip.MustParsePrefix("127.0.0.0/8")}
	return alert.New(s.Store, alert.Options{URL: d.URL, Secret: d.secret, Logger: slog.New(slog.DiscardHandler),
		Client: egress.New(egress.Options{Allow: loopback})})
}

func (d *duty) says(status int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answer = status
}

// write writes notices of reports with these names, each in a transaction.
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

func left(t *testing.T, s *storetest.Store) int {
	t.Helper()
	n, err := s.Client(system).Alert.Query().Count(system)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestToldUntilTaken has a program that is ill for a while: every notice arrives, under
// the id that it always had, and is forgotten then.
func TestToldUntilTaken(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		d := newDuty(t)
		b := d.box(s)
		write(t, s, b, "a", "b")
		d.says(http.StatusInternalServerError)
		for range 3 {
			if err := b.Round(system); err != nil {
				t.Fatal(err)
			}
		}
		if len(d.ids) != 2 || len(d.took) != 0 || left(t, s) != 2 {
			t.Fatalf("%d attempts, %v, %d left: a notice that failed is tried again at once", len(d.ids), d.took, left(t, s))
		}
		d.says(http.StatusNoContent)
		s.Advance(6 * time.Second)
		if err := d.box(s).Round(system); err != nil { // after a restart
			t.Fatal(err)
		}
		slices.Sort(d.took)
		slices.Sort(d.ids)
		if !slices.Equal(d.took, []string{"a", "b"}) || len(slices.Compact(d.ids)) != 2 || left(t, s) != 0 {
			t.Errorf("took %v under %v, %d left", d.took, d.ids, left(t, s))
		}
	})
}

// TestGivenUpAfterThreeDays has a program that never takes one.
func TestGivenUpAfterThreeDays(t *testing.T) {
	t.Parallel()
	s, d := storetest.SQLite(t), newDuty(t)
	b := d.box(s)
	d.says(http.StatusNotFound)
	write(t, s, b, "a")
	for range 12 {
		if err := b.Round(system); err != nil {
			t.Fatal(err)
		}
		s.Advance(30 * time.Hour)
	}
	if len(d.ids) != 10 || left(t, s) != 0 {
		t.Errorf("%d attempts, %d left", len(d.ids), left(t, s))
	}
}

// TestWhatDidNotHappenIsNotTold rolls a transaction back.
func TestWhatDidNotHappenIsNotTold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		d := newDuty(t)
		b := d.box(s)
		err := s.Tx(system, func(ctx context.Context, c *ent.Client) error {
			if err := b.Write(ctx, c, "report.overdue", nil); err != nil {
				t.Error(err)
			}
			return context.Canceled
		})
		if err == nil || left(t, s) != 0 {
			t.Errorf("%v, %d left", err, left(t, s))
		}
	})
}

// TestTwoMachines take each notice once between them.
func TestTwoMachines(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		d := newDuty(t)
		names := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
		write(t, s, d.box(s), names...)
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				if err := d.box(s).Round(system); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		slices.Sort(d.took)
		if !slices.Equal(d.took, names) {
			t.Errorf("told %v", d.took)
		}
	})
}

// TestNobodyToTell writes nothing.
func TestNobodyToTell(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	b := alert.New(s.Store, alert.Options{})
	write(t, s, b, "a")
	if left(t, s) != 0 {
		t.Error("a notice is kept for nobody")
	}
}
