package explorer_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/api/explorer"
)

// TestHome serves the page that says what this is and what to do next, at / only.
func TestHome(t *testing.T) {
	t.Parallel()
	for path, status := range map[string]int{"/": 200, "/graphiql/x.js": 404} {
		w := httptest.NewRecorder()
		explorer.Home().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != status {
			t.Errorf("%s: %d", path, w.Code)
		}
		for _, want := range []string{"tonggao token create", "tonggao import", "curl -s http://example.com/graphql"} {
			if status == 200 && !strings.Contains(w.Body.String(), want) {
				t.Errorf("no %q in %s", want, w.Body)
			}
		}
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/", nil)
	r.Host = `"><script>alert(1)</script>`
	explorer.Home().ServeHTTP(w, r)
	if strings.Contains(w.Body.String(), "<script") || !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
		t.Error(w.Body)
	}
}
