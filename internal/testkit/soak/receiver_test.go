package soak_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

const (
	refuseEvery    = 10_007 // attempts, of which one is answered with 503
	mostToCatchUp  = 5 * time.Minute
	deliveredEvent = "chg_"
)

// receiver receives a webhook's deliveries. It verifies them with the reference library and
// keeps the body of each event.
type receiver struct {
	t      *testing.T
	server *httptest.Server
	verify *standardwebhooks.Webhook

	mu       sync.Mutex
	attempts int
	repeated int
	bodies   map[string]string // by webhook-id
	arrived  chan struct{}     // capacity 1: something arrived
}

// listen registers a webhook with the running program.
func listen(t *testing.T, p *program) *receiver {
	t.Helper()
	r := &receiver{t: t, bodies: map[string]string{}, arrived: make(chan struct{}, 1)}
	r.server = httptest.NewServer(r)
	t.Cleanup(r.server.Close)
	w := &writer{t: t, name: "integrator", tokens: map[string]string{"INTEGRATOR": p.token(t, "INTEGRATOR")}, address: p.address}
	var got struct{ CreateWebhook struct{ Secret string } }
	err := w.ask("INTEGRATOR", `mutation ($url: String!) { createWebhook(input: {url: $url}) { secret userErrors { message } } }`,
		map[string]any{"url": r.server.URL}, &got)
	if err != nil {
		t.Fatal(err)
	}
	if r.verify, err = standardwebhooks.NewWebhook(got.CreateWebhook.Secret); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return // the program was killed
	}
	if err := r.verify.Verify(body, q.Header); err != nil {
		r.t.Errorf("the reference library does not accept the signature: %v", err)
	}
	if !r.take(q.Header.Get("Webhook-Id"), string(body)) {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	select {
	case r.arrived <- struct{}{}:
	default:
	}
}

// take keeps the body of an event, which must be the same on each attempt.
func (r *receiver) take(id, body string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.attempts++
	if before, again := r.bodies[id]; again {
		r.repeated++
		if before != body {
			r.t.Errorf("%s had the body %s, and now %s", id, before, body)
		}
	}
	if r.attempts%refuseEvery == 0 {
		return false
	}
	r.bodies[id] = body
	return true
}

// audit waits until everything in the change log was delivered, and compares it with the log.
func (r *receiver) audit(t *testing.T, url string) {
	t.Helper()
	s := storetest.Open(t, url)
	wanted := column(t, s, `SELECT position || ' ' || item_id || ' ' || version FROM changes ORDER BY position`)
	late := time.After(mostToCatchUp)
	for r.count() < len(wanted) {
		select {
		case <-r.arrived:
		case <-late:
			t.Fatalf("%d of %d events were delivered", r.count(), len(wanted))
		}
	}
	if missing := r.missing(wanted); len(missing) > 0 || r.count() != len(wanted) {
		t.Errorf("%d events were delivered, the log has %d; missing: %v", r.count(), len(wanted), missing)
	}
	t.Logf("%d events arrived in %d attempts; %d came again after a kill", len(wanted), r.attempts, r.repeated)
}

func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.bodies)
}

// missing returns the entries of the log that did not arrive.
func (r *receiver) missing(wanted []string) (list []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	stored := make(map[string]bool, len(r.bodies))
	for id, body := range r.bodies {
		var event struct {
			Data struct {
				ItemID  string
				Version int
			}
		}
		if err := json.Unmarshal([]byte(body), &event); err != nil {
			r.t.Errorf("%s is no JSON: %v", id, err)
		}
		position, _, _ := strings.Cut(strings.TrimPrefix(id, deliveredEvent), "_") // a fingerprint follows
		stored[fmt.Sprintf("%s %s %d", position, event.Data.ItemID, event.Data.Version)] = true
	}
	for _, entry := range wanted {
		if !stored[entry] {
			list = append(list, entry)
		}
	}
	return list
}
