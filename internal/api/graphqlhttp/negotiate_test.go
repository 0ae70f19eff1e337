package graphqlhttp_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/api/graphqlhttp"
)

func TestNegotiation(t *testing.T) {
	t.Parallel()
	h := portal(graphqlhttp.Options{})
	for accept, want := range map[string]string{
		"":              plain,
		" ":             plain,
		"*/*":           plain,
		plain:           plain,
		newer:           newer,
		"application/*": plain,
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": plain, // a browser

		newer + ", " + plain + ";q=0.9": newer, // what the specification recommends to clients
		plain + ", " + newer:            plain,
		newer + "," + plain:             newer,
		plain + ";q=0.5, " + newer:      newer,
		"*/*, " + newer:                 newer,
		"*/*;q=0.1, " + plain + ";q=0":  newer,
		newer + ";q=0, */*":             plain,
		newer + "; charset=utf-8":       newer,
		strings.ToUpper(newer):          newer,

		"text/html":           "",
		"text/event-stream":   "text/event-stream", // one answer, as events
		plain + ";q=0":        "",
		plain + ";q=nonsense": "",
		"nonsense":            "",
	} {
		r := postJSON("/", `{"query":"{site{name}}"}`)
		r.Header.Set("Accept", accept)
		w := serve(h, r)
		got, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
		if want == "" && w.Code == http.StatusNotAcceptable && got == plain {
			continue
		}
		if got != want || w.Code != http.StatusOK {
			t.Errorf("Accept: %s: %d %s, want %s", accept, w.Code, got, want)
		}
	}
}
