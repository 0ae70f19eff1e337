package webhooksig_test

import (
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/webhooksig"
)

// TestHeader verifies signatures with the reference library of Standard Webhooks: with the
// secret before and after its rotation, not with another one, nor for another body.
func TestHeader(t *testing.T) {
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
		t.Error("another secret verifies it")
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	if err := webhooksig.Check(webhooksig.NewSecret()); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "whsec_", "whsec_c2hvcnQ=", "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", "whsec_不是"} {
		if webhooksig.Check(bad) == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}
