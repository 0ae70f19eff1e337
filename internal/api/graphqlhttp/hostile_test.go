package graphqlhttp_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/api/graphqlhttp"
	"github.com/tonggao/tonggao/internal/testkit/graphqltest"
	"github.com/tonggao/tonggao/internal/testkit/timing"
)

// What one hostile request may cost. Wall-clock time stands for CPU time: the
// best of a few tries is what the machine needs when nothing else disturbs it.
const (
	mostTime   = 50 * time.Millisecond * timing.Slowdown
	mostAnswer = 4 << 10
)

func portal(o graphqlhttp.Options) http.Handler {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return graphqlhttp.New(graphqltest.Portal(), o)
}

func TestHostileRequestsAreCheap(t *testing.T) {
	for _, introspection := range []bool{false, true} {
		handler := portal(graphqlhttp.Options{Introspection: introspection})
		for _, attack := range graphqltest.Attacks() {
			best := time.Hour
			var answer *httptest.ResponseRecorder
			for try := 0; try < 10 && (try == 0 || best > mostTime/5); try++ {
				r := postJSON("/", attack.Body)
				answer = httptest.NewRecorder()
				start := time.Now()
				handler.ServeHTTP(answer, r)
				best = min(best, time.Since(start))
			}
			t.Logf("%8.2f ms  %4d bytes  %d  %s", float64(best.Microseconds())/1000, answer.Body.Len(), answer.Code, attack.Name)
			if best > mostTime {
				t.Errorf("%s: took %v", attack.Name, best)
			}
			if answer.Body.Len() > mostAnswer {
				t.Errorf("%s: the answer has %d bytes", attack.Name, answer.Body.Len())
			}
			checkRefusal(t, attack, answer)
		}
	}
}

// checkRefusal checks that the attack was refused with few errors, each with a code, and without data.
func checkRefusal(t *testing.T, attack graphqltest.Attack, answer *httptest.ResponseRecorder) {
	t.Helper()
	got := decode(t, answer.Body.Bytes())
	if attack.Legal {
		if len(got.Errors) > 0 {
			t.Errorf("%s: refused: %s", attack.Name, got.Errors[0].Message)
		}
		return
	}
	if len(got.Errors) == 0 || len(got.Errors) > 5 || got.Data != nil {
		t.Errorf("%s: not refused properly: %.300s", attack.Name, answer.Body)
	}
	for _, err := range got.Errors {
		if code := err.Extensions.Code; code != "BAD_USER_INPUT" && code != "TOO_EXPENSIVE" {
			t.Errorf("%s: code %q: %s", attack.Name, code, err.Message)
		}
	}
}

// TestGoodClientBesideHostileOnes: while every attack runs at once over the
// network, a good client gets all of its answers.
func TestGoodClientBesideHostileOnes(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(portal(graphqlhttp.Options{}))
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	var attackers sync.WaitGroup
	for _, attack := range graphqltest.Attacks() {
		attackers.Go(func() {
			for ctx.Err() == nil {
				response, err := http.Post(server.URL, "application/json", strings.NewReader(attack.Body))
				if err != nil { // the server hangs up on a body that is too large
					continue
				}
				_, _ = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
			}
		})
	}
	for range 50 {
		response, err := http.Post(server.URL, "application/json", strings.NewReader(`{"query":"{site{name}}"}`))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(body), "养老之家") {
			t.Fatalf("the good client got %d %s (%v)", response.StatusCode, body, err)
		}
	}
	cancel()
	attackers.Wait()
}

func postJSON(url, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, url, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

// result is an answer as a client reads it.
type result struct {
	Data   json.RawMessage `json:"data"`
	Errors []struct {
		Message    string `json:"message"`
		Path       []any  `json:"path"`
		Extensions struct {
			Code       string `json:"code"`
			RequestID  string `json:"requestId"`
			RetryAfter int    `json:"retryAfter"`
		} `json:"extensions"`
	} `json:"errors"`
	Extensions map[string]json.RawMessage `json:"extensions"`
}

func decode(t *testing.T, body []byte) (r result) {
	t.Helper()
	if err := json.Unmarshal(body, &r); err != nil {
		t.Fatalf("%v: %.300s", err, body)
	}
	return r
}
