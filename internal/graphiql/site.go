package graphiql

import (
	"bytes"
	"net/http"
	"strings"
	"time"
)

// scrollLock is the hash of the one style element that GraphiQL writes into the
// page: it keeps the page still behind a dialog or a menu. Its text does not
// change on a page that does not scroll. A new version of GraphiQL may bring
// another text; then the tests show the hash that the browser asks for.
const scrollLock = "'sha256-nzTgYzXYDNe6BAHiiI7NNlfK8n/auuOAhh2t92YvuXo='"

// policy lets the page load its own scripts, styles and pictures, and talk to
// its own origin. The browser tests prove that the page needs no more.
var policy = strings.Join([]string{
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self' " + scrollLock,
	"connect-src 'self'",
	"img-src 'self' data:",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
}, "; ")

// site maps each path of the explorer to what is there.
type site map[string]*asset

func (s site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	a, found := s[r.URL.Path]
	switch {
	case !found:
		http.NotFound(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "the explorer is only read: use GET", http.StatusMethodNotAllowed)
	default:
		a.serve(w, r)
	}
}

// serve answers with the compressed form where the reader takes it. The two
// forms have different tags, as they are different bytes.
func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.mediaType)
	h.Set("Cache-Control", a.caching)
	h.Set("Vary", "Accept-Encoding")
	body, tag := a.plain, a.hash
	if takesGzip(r.Header.Get("Accept-Encoding")) {
		body, tag = a.compressed(), a.hash+"-gzip"
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
