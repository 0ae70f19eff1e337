package webhook_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/webhookattempt"
	"github.com/tonggao/tonggao/internal/api/token"
	"github.com/tonggao/tonggao/internal/foundation/egress"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/sync/webhook"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// fixture is the webhooks of an integrator over a store, and a runner that delivers.
type fixture struct {
	*webhook.Service
	t      *testing.T
	s      *storetest.Store
	log    *changefeed.Log
	runner *webhook.Runner
	ctx    context.Context // the integrator's
	token  *ent.Token
	wrote  int
}

var loopback = egress.Networks{netip.MustParsePrefix("127.0.0.0/8")}

func system() context.Context { return viewer.AsSystem(context.Background()) }

func open(t *testing.T, s *storetest.Store) *fixture {
	t.Helper()
	keys, err := seal.Parse(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	log := changefeed.New(s.Store)
	n := &fixture{Service: webhook.New(s.Store, log, webhook.Options{Keys: keys, Allow: loopback}), t: t, s: s, log: log}
	n.runner = n.newRunner()
	return n.colleague()
}

// colleague returns the fixture of another integrator.
func (n *fixture) colleague() *fixture {
	n.t.Helper()
	other := *n
	var err error
	_, other.token, err = token.New(n.s.Store).Create(system(), token.CreateInput{Role: viewer.Integrator, Name: "同步"})
	if err != nil {
		n.t.Fatal(err)
	}
	other.ctx = viewer.With(context.Background(), viewer.Viewer{Role: viewer.Integrator, TokenID: other.token.ID})
	return &other
}

// newRunner returns the runner of one process.
func (n *fixture) newRunner() *webhook.Runner {
	return n.Runner(webhook.RunnerOptions{Logger: slog.New(slog.DiscardHandler),
		Client: egress.New(egress.Options{Allow: loopback, Timeout: time.Minute})})
}

// write logs count changes, each of another item.
func (n *fixture) write(count int) {
	n.t.Helper()
	for range count {
		n.wrote++
		n.append(changefeed.Entry{Kind: changefeed.Updated, Type: "Region", ID: fmt.Sprintf("reg_%d", n.wrote), Version: 1,
			Item: map[string]string{"name": fmt.Sprintf("第%d个", n.wrote)}})
	}
}

func (n *fixture) append(e changefeed.Entry) {
	n.t.Helper()
	err := n.s.Tx(system(), func(ctx context.Context, c *ent.Client) error { return n.log.Append(ctx, c, e) })
	if err != nil {
		n.t.Fatal(err)
	}
}

// hook creates a webhook for a receiver and gives the receiver its secret.
func (n *fixture) hook(r *receiver) *ent.Webhook {
	n.t.Helper()
	w, secret, err := n.Create(n.ctx, webhook.CreateInput{URL: r.URL})
	if err != nil {
		n.t.Fatal(err)
	}
	r.trust(n.t, secret)
	return w
}

// round delivers everything that is due.
func (n *fixture) round() {
	n.t.Helper()
	if err := n.runner.Round(context.Background()); err != nil {
		n.t.Fatal(err)
	}
}

// rounds delivers everything that is due, count times, each later by step.
func (n *fixture) rounds(count int, step time.Duration) {
	n.t.Helper()
	for range count {
		n.round()
		n.s.Advance(step)
	}
}

// now returns the webhook as it is stored.
func (n *fixture) now(w *ent.Webhook) *ent.Webhook {
	n.t.Helper()
	found, err := n.ByIDs(n.ctx, []string{w.ID})
	if err != nil || found[w.ID] == nil {
		n.t.Fatalf("read the webhook: %v, %v", found, err)
	}
	return found[w.ID]
}

// attempts returns the attempts at deliveries, the oldest first.
func (n *fixture) attempts(w *ent.Webhook) (list []*ent.WebhookAttempt) {
	n.t.Helper()
	first := pagination.MaxSize
	pages, err := n.Attempts(n.ctx, []string{w.ID}, nil, pagination.Request{First: &first})
	if err != nil {
		n.t.Fatal(err)
	}
	for _, e := range pages[w.ID].Edges {
		e.Node.Event = short(e.Node.Event)
		list = append(list, e.Node)
	}
	slices.SortFunc(list, func(a, b *ent.WebhookAttempt) int { // not by ids, which other tests' clocks disturb
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(len(a.Event), len(b.Event)), cmp.Compare(a.Event, b.Event), cmp.Compare(a.Number, b.Number))
	})
	return list
}

// receiver is the endpoint of a webhook: it verifies signatures with the reference library
// and answers as the test decides.
type receiver struct {
	*httptest.Server
	t *testing.T

	mu      sync.Mutex
	trusted []*standardwebhooks.Webhook
	got     []string // the ids of the events that it accepted
	seen    map[string][]string
	bodies  map[string]json.RawMessage
	answer  func(event string, attempt int) int
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{t: t, seen: map[string][]string{}, bodies: map[string]json.RawMessage{},
		answer: func(string, int) int { return http.StatusOK }}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

// trust sets the secrets that r accepts.
func (r *receiver) trust(t *testing.T, secrets ...string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trusted = nil
	for _, secret := range secrets {
		w, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		r.trusted = append(r.trusted, w)
	}
}

// answers sets the status of the answer to each attempt at each event.
func (r *receiver) answers(do func(event string, attempt int) int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = do
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, trusted := range r.trusted { // the clock of the test is not the machine's
		if err := trusted.VerifyIgnoringTimestamp(body, q.Header); err != nil {
			r.t.Errorf("the reference library does not accept the signature: %v", err)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
	}
	id := short(q.Header.Get("Webhook-Id"))
	r.seen[id] = append(r.seen[id], string(body))
	status := r.answer(id, len(r.seen[id]))
	if status == http.StatusOK {
		r.got, r.bodies[id] = append(r.got, id), body
	}
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "answer %d", status)
}

var fingerprint = regexp.MustCompile(`^(chg_[0-9]+)_[0-9a-f]{8}`)

// short returns the id of an event without the fingerprint of its entry.
func short(id string) string { return fingerprint.ReplaceAllString(id, "$1") }

// took returns the events that r accepted, in order.
func (r *receiver) took() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.got...)
}

// dead returns the ids of the dead letters.
func (n *fixture) dead(w *ent.Webhook) (list []string) {
	n.t.Helper()
	aside := webhookattempt.OutcomeSET_ASIDE
	pages, err := n.Attempts(n.ctx, []string{w.ID}, &aside, pagination.Request{})
	if err != nil {
		n.t.Fatal(err)
	}
	for _, e := range pages[w.ID].Edges {
		list = append(list, short(e.Node.Event))
	}
	return list
}
