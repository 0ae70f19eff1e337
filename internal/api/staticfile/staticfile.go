// Package staticfile serves files that are embedded in the binary: compressed for clients that
// accept it, with ETags, and always with a content security policy.
//
// It serves GET and HEAD of the files that it has, and nothing else.
package staticfile

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The values of Cache-Control: Forever for a file whose path has the hash of its content,
// Revalidate for others.
const (
	Forever    = "public, max-age=31536000, immutable"
	Revalidate = "no-cache"
)

// mediaTypes is a closed list, so that responses do not depend on the tables of the machine.
var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".svg":  "image/svg+xml",
}

// File is one file. Its compressed form is made for the first client that accepts it.
type File struct {
	plain        []byte
	compressed   func() []byte
	Hash         string // of the content
	mediaType    string
	cacheControl string
}

// New returns the file with that content; the extension of its name decides its media type.
func New(extension string, body []byte, cacheControl string) *File {
	sum := sha256.Sum256(body)
	return &File{
		plain:        body,
		compressed:   sync.OnceValue(func() []byte { return compress(body) }),
		Hash:         hex.EncodeToString(sum[:8]),
		mediaType:    mediaTypes[extension],
		cacheControl: cacheControl,
	}
}

// Site is a set of files by their paths.
type Site struct {
	Policy string // the content security policy of all of them
	Files  map[string]*File
}

// ServeHTTP implements http.Handler.
func (s Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", s.Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	f, found := s.Files[r.URL.Path]
	switch {
	case !found:
		http.NotFound(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "this page can only be read: use GET", http.StatusMethodNotAllowed)
	default:
		f.serve(w, r)
	}
}

// serve writes the file. The compressed form has an ETag of its own, because it is other bytes.
func (f *File) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.mediaType)
	h.Set("Cache-Control", f.cacheControl)
	h.Set("Vary", "Accept-Encoding")
	body, etag := f.plain, f.Hash
	if AcceptsGzip(r.Header.Get("Accept-Encoding")) {
		body, etag = f.compressed(), f.Hash+"-gzip"
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", `"`+etag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

func compress(body []byte) []byte {
	var buffer bytes.Buffer
	w, err := gzip.NewWriterLevel(&buffer, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(body)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic("staticfile: compress into memory: " + err.Error()) // a buffer takes every write
	}
	return buffer.Bytes()
}

// AcceptsGzip reports whether an Accept-Encoding header has gzip, x-gzip or * with a weight
// above zero; gzip takes precedence over *.
func AcceptsGzip(header string) bool {
	wildcard := false
	for part := range strings.SplitSeq(header, ",") {
		name, parameter, _ := strings.Cut(part, ";")
		weight := 1.0
		if q, found := strings.CutPrefix(strings.ToLower(strings.TrimSpace(parameter)), "q="); found {
			parsed, err := strconv.ParseFloat(q, 64)
			if err != nil {
				continue
			}
			weight = parsed
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip", "x-gzip":
			return weight > 0
		case "*":
			wildcard = weight > 0
		}
	}
	return wildcard
}
