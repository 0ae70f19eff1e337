package graphqlhttp_test

import (
	"net/http"
	"testing"

	"github.com/tonggao/tonggao/internal/api/graphqlhttp"
)

// TestOutage compares the status and Retry-After of operations that the database was away
// for, wholly or in part.
func TestOutage(t *testing.T) {
	t.Parallel()
	h := portal(graphqlhttp.Options{})
	for query, want := range map[string]struct {
		status int
		retry  string
	}{
		"{away}":            {http.StatusServiceUnavailable, "2"},
		"{away limited}":    {http.StatusServiceUnavailable, "2"},
		"{limited}":         {http.StatusTooManyRequests, "2"},
		"{away site{name}}": {http.StatusOK, ""},
		"{away broken}":     {http.StatusOK, ""},
		"{site{name}}":      {http.StatusOK, ""},
	} {
		answer := serve(h, postJSON("/", `{"query":"`+query+`"}`))
		if answer.Code != want.status || answer.Header().Get("Retry-After") != want.retry {
			t.Errorf("%s: %d, Retry-After %q: %s", query, answer.Code, answer.Header().Get("Retry-After"), answer.Body)
		}
	}
}
