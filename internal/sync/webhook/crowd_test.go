package webhook_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/egress"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/sync/webhook"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

const (
	fewEvents  = 60
	eachBad    = 5 // receivers of each of the ten kinds
	mostToGood = 2 * time.Second
)

// badReceivers returns the addresses of ten kinds of broken receivers, and the resolver of
// their names.
func badReceivers(t *testing.T) (addresses map[string]string, names *net.Resolver) {
	t.Helper()
	over := make(chan struct{})
	hang := func(q *http.Request) {
		select {
		case <-over:
		case <-q.Context().Done():
		}
	}
	drip := func(c net.Conn, text string, every time.Duration) {
		defer c.Close()
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for i := 0; ; i++ {
			select {
			case <-over:
				return
			case <-ticker.C:
				if _, err := c.Write([]byte{text[i%len(text)]}); err != nil {
					return
				}
			}
		}
	}
	handlers := map[string]http.HandlerFunc{
		"hangs": func(_ http.ResponseWriter, q *http.Request) { _, _ = io.Copy(io.Discard, q.Body); hang(q) },
		"500":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"410":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) },
		"redirects": func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, "http://127.0.0.1:1/", http.StatusFound)
		},
		"endless body": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted); flood(w, over) },
		"drips headers": func(w http.ResponseWriter, _ *http.Request) {
			if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
				drip(c, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 1<<20), 20*time.Millisecond)
			}
		},
		"closes the connection": func(w http.ResponseWriter, _ *http.Request) {
			if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
				_ = c.Close()
			}
		},
	}
	addresses = map[string]string{"name server hangs": "https://hangs.example.test/", "no listener": "http://127.0.0.1:1/"}
	for name, h := range handlers {
		s := httptest.NewServer(h)
		addresses[name] = s.URL
		t.Cleanup(s.Close)
	}
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	addresses["bad TLS"] = s.URL
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(over) }) // runs first
	return addresses, &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
}

func flood(w io.Writer, over chan struct{}) {
	for {
		select {
		case <-over:
			return
		default:
			if _, err := io.WriteString(w, strings.Repeat("x", 1<<14)); err != nil {
				return
			}
		}
	}
}

// TestBadReceiversDelayNobody delivers to fifty bad receivers and to a good one. In the short
// form the attempts that hang never end, so the test would not end if the good one had to
// wait for them; the full form, on an idle machine, measures the delay of an event.
func TestBadReceiversDelayNobody(t *testing.T) {
	t.Parallel()
	events, full, timeout := effort.N(fewEvents), effort.N(1) > 1, time.Hour
	if full {
		timeout = egress.DefaultTimeout
	}
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		s.Set(instant.Now())
		n := open(t, s)
		addresses, names := badReceivers(t)
		for kind, address := range addresses {
			for i := range eachBad {
				name := fmt.Sprintf("%s %d", kind, i)
				if _, _, err := n.Create(n.ctx, webhook.CreateInput{URL: address, Name: &name}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if len(addresses)*eachBad != 50 {
			t.Errorf("%d bad receivers", len(addresses)*eachBad)
		}
		other := n.colleague()
		good := newReceiver(t)
		other.hook(good)
		times := newStopwatch(events)
		good.answers(func(id string, _ int) int { times.stop(id); return http.StatusOK })

		runner := n.Runner(webhook.RunnerOptions{Logger: slog.New(slog.DiscardHandler),
			Client: egress.New(egress.Options{Allow: loopback, Resolver: names, Timeout: timeout})})
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { defer close(done); runner.Run(ctx) }()
		ticker := time.NewTicker(40 * time.Millisecond)
		defer ticker.Stop()
		for i := range events {
			<-ticker.C
			s.Set(instant.Now())
			times.start(fmt.Sprintf("chg_%d", i+1))
			n.write(1)
		}
		<-times.all
		cancel()
		<-done
		took := times.sorted()
		p99 := took[len(took)*99/100]
		t.Logf("%d events: p50 %v, p99 %v, longest %v", len(took), took[len(took)/2], p99, took[len(took)-1])
		if full && p99 > mostToGood {
			t.Errorf("p99 is %v, want at most %v", p99, mostToGood)
		}
	})
}

// stopwatch measures the time from the write of each event to its arrival.
type stopwatch struct {
	all chan struct{} // closed when everything arrived

	mu    sync.Mutex
	begun map[string]time.Time
	took  map[string]time.Duration
	want  int
}

func newStopwatch(want int) *stopwatch {
	return &stopwatch{all: make(chan struct{}), begun: map[string]time.Time{}, took: map[string]time.Duration{}, want: want}
}

func (w *stopwatch) start(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.begun[id] = time.Now()
}

func (w *stopwatch) stop(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, again := w.took[id]; again {
		return
	}
	if w.took[id] = time.Since(w.begun[id]); len(w.took) == w.want {
		close(w.all)
	}
}

func (w *stopwatch) sorted() (list []time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range w.took {
		list = append(list, d.Round(time.Millisecond))
	}
	slices.Sort(list)
	return list
}
