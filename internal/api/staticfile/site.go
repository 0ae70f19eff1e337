package staticfile

import (
	"bytes"
	"net/http"
	"time"
)

// Site is some files by their paths.
type Site struct {
	Policy string // the content security policy of all of them
	Files  map[string]*Asset
}

func (s Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", s.Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	a, found := s.Files[r.URL.Path]
	switch {
	case !found:
		http.NotFound(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "this page is only read: use GET", http.StatusMethodNotAllowed)
	default:
		a.serve(w, r)
	}
}

// serve answers with the compressed form where the reader takes it. The two
// forms have different tags, as they are different bytes.
func (a *Asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.mediaType)
	h.Set("Cache-Control", a.caching)
	h.Set("Vary", "Accept-Encoding")
	body, tag := a.plain, a.Hash
	if takesGzip(r.Header.Get("Accept-Encoding")) {
		body, tag = a.compressed(), a.Hash+"-gzip"
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
