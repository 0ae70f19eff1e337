package fetch_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tonggao/tonggao/internal/foundation/egress"
	"github.com/tonggao/tonggao/internal/sync/importer/fetch"
)

// TestGet downloads from a server that recovers, one that does not, and one without the picture.
func TestGet(t *testing.T) {
	t.Parallel()
	requests := map[string]int{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests[r.URL.Path]++
		switch {
		case r.URL.Path == "/none":
			http.NotFound(w, r)
		case r.URL.Path == "/down" || requests[r.URL.Path] < 3:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			_, _ = io.WriteString(w, "png")
		}
	}))
	t.Cleanup(s.Close)
	var waits []time.Duration
	c := fetch.New(egress.New(egress.Options{Allow: egress.Networks{netip.MustParsePrefix("127.0.0.0/8")}}), "test", func(_ context.Context, d time.Duration) error {
		waits = append(waits, d)
		return nil
	})
	content, err := c.Get(context.Background(), s.URL+"/up")
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := io.ReadAll(content); string(text) != "png" {
		t.Errorf("got %s", text)
	}
	_ = content.Close()
	if _, err := c.Get(context.Background(), s.URL+"/down"); err == nil || !strings.Contains(err.Error(), "after attempt 3: it answers 503") {
		t.Errorf("a server that is down: %v", err)
	}
	if _, err := c.Get(context.Background(), s.URL+"/none"); err == nil || !strings.Contains(err.Error(), "after attempt 1: it answers 404") {
		t.Errorf("no such picture: %v", err)
	}
	if _, err := c.Get(context.Background(), "http://10.0.0.1/"); !errors.Is(err, egress.ErrForbidden) {
		t.Errorf("an internal host: %v", err)
	}
	if diff := cmp.Diff([]time.Duration{time.Second, 2 * time.Second, time.Second, 2 * time.Second}, waits); diff != "" {
		t.Error(diff)
	}
}

func TestPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		if err := fetch.Pause(t.Context(), time.Minute); err != nil || time.Since(begin) != time.Minute {
			t.Errorf("%v after %s", err, time.Since(begin))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := fetch.Pause(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("interrupted: %v", err)
		}
	})
}
