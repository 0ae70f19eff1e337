package webhooksig_test

import (
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/webhooksig"
)

// TestTheStandardsLibraryVerifies takes a signature, and none of another body.
func TestTheStandardsLibraryVerifies(t *testing.T) {
	t.Parallel()
	old, current := webhooksig.NewSecret(), webhooksig.NewSecret()
	body := []byte(`{"type":"report.overdue"}`)
	h, err := webhooksig.Header([]string{current, old}, "evt_1", instant.Of(time.Now()), body)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{current, old} {
		w, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Verify(body, h); err != nil {
			t.Error(err)
		}
		if w.Verify([]byte(`{"type":"report.due_soon"}`), h) == nil {
			t.Error("another body has the same signature")
		}
	}
	if w, _ := standardwebhooks.NewWebhook(webhooksig.NewSecret()); w.Verify(body, h) == nil {
		t.Error("anybody's secret verifies it")
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	if err := webhooksig.Check(webhooksig.NewSecret()); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "whsec_", "whsec_c2hvcnQ=", "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", "whsec_不是"} {
		if webhooksig.Check(bad) == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestWait(t *testing.T) {
	t.Parallel()
	total := time.Duration(0)
	for n := 1; ; n++ {
		d, again := webhooksig.RetryDelay(n, 0.5, "")
		if !again {
			if n != 10 || total != 75*time.Hour+35*time.Minute+5*time.Second {
				t.Errorf("%d attempts over %v", n, total)
			}
			break
		}
		total += d
	}
	if low, _ := webhooksig.RetryDelay(2, 0, ""); low != 270*time.Second {
		t.Errorf("at least %v", low)
	}
	for header, want := range map[string]time.Duration{"": 5 * time.Second, "1": 5 * time.Second, "90": 90 * time.Second,
		"86400": time.Hour, "99999999999999999999": 5 * time.Second, "9223372036854775807": time.Hour, "-5": 5 * time.Second, "soon": 5 * time.Second} {
		if d, _ := webhooksig.RetryDelay(1, 0.5, header); d != want {
			t.Errorf("Retry-After %q: %v, want %v", header, d, want)
		}
	}
}
