package outbox_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/tonggao/tonggao/internal/foundation/egress"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/outbox"
	"github.com/tonggao/tonggao/internal/foundation/webhooksig"
)

func TestClassify(t *testing.T) {
	t.Parallel()
	for want, statuses := range map[outbox.Outcome][]int{
		outbox.Delivered: {200, 202, 204, 299},
		outbox.Refused:   {400, 405, 409, 413, 422, 500, 501, 505},
		outbox.Failed:    {0, 301, 302, 307, 401, 403, 404, 408, 429, 502, 503, 504},
		outbox.Gone:      {410},
	} {
		for _, status := range statuses {
			if got := outbox.Classify(status); got != want {
				t.Errorf("%d: %v, want %v", status, got, want)
			}
		}
	}
}

func client(timeout time.Duration) *egress.Client {
	return egress.New(egress.Options{Trusted: true, Timeout: timeout})
}

// TestSend posts to a receiver that verifies the signature with the reference library.
func TestSend(t *testing.T) {
	t.Parallel()
	current, previous := webhooksig.NewSecret(), webhooksig.NewSecret()
	verifier, err := standardwebhooks.NewWebhook(previous)
	if err != nil {
		t.Fatal(err)
	}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if err := verifier.Verify(body, r.Header); err != nil || r.Header.Get("Webhook-Id") != "evt_1" {
			t.Errorf("%v: %v", r.Header, err)
		}
		w.Header().Set("Retry-After", "90")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, "slow down")
	}))
	t.Cleanup(receiver.Close)
	m := outbox.Message{ID: "evt_1", URL: receiver.URL, Secrets: []string{current, previous}, Body: []byte(`{"type":"report.overdue"}`)}
	now := instant.Now()
	a := outbox.Send(t.Context(), client(0), m, now)
	if a.At != now || a.Outcome != outbox.Failed || a.Answer.Status != 429 || string(a.Answer.Excerpt) != "slow down" || a.Problem() != "answered 429" {
		t.Errorf("%+v", a)
	}
	if d, again := a.Retry(1); d != 90*time.Second || !again {
		t.Errorf("retry after %v, %v; want what Retry-After asks for", d, again)
	}
	if _, again := a.Retry(10); again {
		t.Error("an eleventh attempt")
	}
}

func TestProblem(t *testing.T) {
	t.Parallel()
	redirect := httptest.NewServer(http.RedirectHandler("/elsewhere", http.StatusFound))
	t.Cleanup(redirect.Close)
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(silent.Close)
	good := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(good.Close)
	for name, c := range map[string]struct {
		m    outbox.Message
		want string
	}{
		"delivered":       {outbox.Message{URL: good.URL}, ""},
		"a redirect":      {outbox.Message{URL: redirect.URL}, "redirects are not followed"},
		"no answer":       {outbox.Message{URL: silent.URL}, "did not answer in time"},
		"no listener":     {outbox.Message{URL: "http://127.0.0.1:1/"}, "refused"},
		"a private host":  {outbox.Message{URL: "https://10.0.0.1/"}, "10.0.0.1"},
		"a broken secret": {outbox.Message{URL: good.URL, Secrets: []string{"whsec_?"}}, "secret"},
	} {
		timeout := time.Minute
		if name == "no answer" {
			timeout = 50 * time.Millisecond
		}
		a := outbox.Send(t.Context(), client(timeout), c.m, instant.Now())
		if got := a.Problem(); !strings.Contains(got, c.want) || (got == "") != (c.want == "") || (a.Outcome == outbox.Delivered) != (c.want == "") {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                       "",
		" 收到\r\n谢谢\t ":           "收到 谢谢",
		"\x1b[31m红\u202e字\x00":   "[31m红字",
		"坏 \xff 字":               "坏 \ufffd 字",
		strings.Repeat("长", 20):  strings.Repeat("长", 9) + "…",
		strings.Repeat("短", 10):  strings.Repeat("短", 10),
		"一\u2028二\u0085三\u00a0四": "一 二三 四",
	} {
		if got := outbox.Excerpt(text, 10); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestPoll runs rounds that fail twice, succeed and fail again: the first failure of
// each series is reported, and a wake-up starts a round before the interval ends.
func TestPoll(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	wake := make(chan struct{}, 1)
	results := []error{errors.New("first"), errors.New("second"), nil, errors.New("third")}
	var reported []string
	rounds := 0
	outbox.Poll(ctx, time.Hour, wake, func(context.Context) error {
		rounds++
		wake <- struct{}{}
		return results[rounds-1]
	}, func(err error) {
		if reported = append(reported, err.Error()); rounds == len(results) {
			cancel()
		}
	})
	if rounds != len(results) || strings.Join(reported, " ") != "first third" {
		t.Errorf("%d rounds, reported %v", rounds, reported)
	}
	outbox.Poll(ctx, time.Hour, wake, func(context.Context) error { t.Error("a round after the end"); return nil }, func(error) {})
}
