// Package picture serves the pictures of the demo portal.
//
// They are flat illustrations of our own making, in files/, and part of the binary, so
// that the demo works offline and raises no question of rights. A picture never changes
// under its name; a reader on a slow phone loads it too, so it has at most MaxBytes.
package picture

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// Prefix is the path under which Handler serves the pictures.
const Prefix = "/media/demo/"

// MaxBytes is the size that no picture exceeds.
const MaxBytes = 20 << 10

// The size of every picture in pixels.
const (
	Width  = 800
	Height = 500
)

//go:embed files/*.png
var files embed.FS

// A picture is an encoded image and its entity tag.
type picture struct {
	body []byte
	tag  string
}

var pictures = load()

func load() map[string]picture {
	entries, err := files.ReadDir("files")
	if err != nil {
		panic(err) // the files are embedded
	}
	list := make(map[string]picture, len(entries))
	for _, entry := range entries {
		body, err := files.ReadFile(path.Join("files", entry.Name()))
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(body)
		list[Prefix+entry.Name()] = picture{body, `"` + hex.EncodeToString(sum[:8]) + `"`}
	}
	return list
}

// Names returns the names of all pictures in alphabetical order.
func Names() []string {
	names := make([]string, 0, len(pictures))
	for address := range pictures {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(address, Prefix), ".png"))
	}
	slices.Sort(names)
	return names
}

// Path returns the path at which Handler serves the picture of that name.
func Path(name string) string { return Prefix + name + ".png" }

// Exists reports whether there is a picture at address.
func Exists(address string) bool {
	_, ok := pictures[address]
	return ok
}

// Handler serves the pictures at Path. It answers GET and HEAD.
func Handler() http.Handler { return http.HandlerFunc(serve) }

func serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	p, ok := pictures[r.URL.Path]
	switch {
	case !ok:
		http.Error(w, "no such picture; there are "+strings.Join(Names(), ", "), http.StatusNotFound)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "a picture can only be read: use GET", http.StatusMethodNotAllowed)
	default:
		h.Set("Content-Type", "image/png")
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("ETag", p.tag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(p.body))
	}
}
