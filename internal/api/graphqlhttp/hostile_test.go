package graphqlhttp_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/tonggao/tonggao/internal/api/graphqlhttp"
)

// maxHostileResponse is the most bytes that a hostile request gets back.
const maxHostileResponse = 4 << 10

func portal(o graphqlhttp.Options) http.Handler {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return graphqlhttp.New(newPortal(), o)
}

// TestHostileRequests refuses each attack with few errors and a small response.
func TestHostileRequests(t *testing.T) {
	t.Parallel()
	for _, introspection := range []bool{false, true} {
		handler := portal(graphqlhttp.Options{Introspection: introspection})
		for _, attack := range attacks() {
			w := serve(handler, postJSON("/", attack.Body))
			if w.Body.Len() > maxHostileResponse {
				t.Errorf("%s: the response has %d bytes", attack.Name, w.Body.Len())
			}
			checkRefusal(t, attack, w)
		}
	}
}

// BenchmarkHostileRequests measures each attack: none should take more than a few milliseconds.
func BenchmarkHostileRequests(b *testing.B) {
	handler := portal(graphqlhttp.Options{Introspection: true})
	for _, attack := range attacks() {
		b.Run(attack.Name, func(b *testing.B) {
			for b.Loop() {
				handler.ServeHTTP(httptest.NewRecorder(), postJSON("/", attack.Body))
			}
		})
	}
}

// checkRefusal checks that the attack was refused with few errors, each with a code, and without data.
func checkRefusal(t *testing.T, attack attack, w *httptest.ResponseRecorder) {
	t.Helper()
	got := decode(t, w.Body.Bytes())
	if attack.Legal {
		if len(got.Errors) > 0 {
			t.Errorf("%s: refused: %s", attack.Name, got.Errors[0].Message)
		}
		return
	}
	if len(got.Errors) == 0 || len(got.Errors) > 5 || got.Data != nil {
		t.Errorf("%s: not refused properly: %.300s", attack.Name, w.Body)
	}
	for _, err := range got.Errors {
		if code := err.Extensions.Code; code != "BAD_USER_INPUT" && code != "TOO_EXPENSIVE" {
			t.Errorf("%s: code %q: %s", attack.Name, code, err.Message)
		}
	}
}

// TestGoodClientAmongHostileOnes answers a good client while every attack is sent at once over
// the network.
func TestGoodClientAmongHostileOnes(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(portal(graphqlhttp.Options{}))
	defer server.Close()
	var attackers sync.WaitGroup
	for _, attack := range attacks() {
		attackers.Go(func() {
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			response, err := client.Post(server.URL, "application/json", strings.NewReader(attack.Body))
			if err != nil {
				return // the server closes the connection of a body that is too large
			}
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		})
	}
	good := &http.Client{Transport: &http.Transport{}} // shares no connection with the attackers
	for range 20 {
		response, err := good.Post(server.URL, "application/json", strings.NewReader(`{"query":"{site{name}}"}`))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(body), "养老之家") {
			t.Fatalf("the good client got %d %s (%v)", response.StatusCode, body, err)
		}
	}
	attackers.Wait()
}

func postJSON(url, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, url, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

// result is a response as a client reads it.
type result struct {
	Data   json.RawMessage `json:"data"`
	Errors []struct {
		Message    string `json:"message"`
		Path       []any  `json:"path"`
		Extensions struct {
			Code       string `json:"code"`
			RequestID  string `json:"requestId"`
			RetryAfter int    `json:"retryAfter"`
			Cursor     string `json:"cursor"`
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
