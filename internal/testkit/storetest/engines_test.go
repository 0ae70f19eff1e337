package storetest_test

import (
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestEngines logs which engines the tests run on.
func TestEngines(t *testing.T) {
	t.Logf("engines: %s", strings.Join(storetest.Engines(), ", "))
	if _, ok, reason := storetest.PostgresServer(); !ok {
		t.Logf("engines: without PostgreSQL, because: %s", reason)
	}
}
