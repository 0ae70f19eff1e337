package picture

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Prefix is the path under which Handler serves the pictures.
const Prefix = "/media/demo/"

// Path returns the path at which Handler serves the picture of the name.
func Path(name string) string { return Prefix + name + ".png" }

// file is a drawn picture with its entity tag.
type file struct {
	body []byte
	tag  string
}

// gallery draws each picture when it is first asked for, once, and keeps it.
type gallery map[string]func() (file, error)

// Handler serves the pictures at Path. It answers GET and HEAD.
func Handler() http.Handler {
	g := make(gallery, len(scenes))
	for name := range scenes {
		g[Path(name)] = sync.OnceValues(func() (file, error) {
			body, err := PNG(name)
			sum := sha256.Sum256(body)
			return file{body: body, tag: `"` + hex.EncodeToString(sum[:8]) + `"`}, err
		})
	}
	return g
}

func (g gallery) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	drawn, known := g[r.URL.Path]
	if !known {
		http.Error(w, "no such picture; there are "+strings.Join(Names(), ", "), http.StatusNotFound)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "a picture is only read: use GET", http.StatusMethodNotAllowed)
		return
	}
	f, err := drawn()
	if err != nil {
		http.Error(w, "the picture could not be drawn", http.StatusInternalServerError)
		return
	}
	h.Set("Content-Type", "image/png")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", f.tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.body))
}
