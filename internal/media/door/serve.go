package door

import (
	"mime"
	"net/http"
	"path"
	"time"

	"github.com/tonggao/tonggao/internal/fault"
	"github.com/tonggao/tonggao/internal/media"
	"github.com/tonggao/tonggao/internal/media/address"
)

// types is what is served, by the end of its name. The machine's own table is not
// asked, and browsers are told not to guess.
var types = map[string]string{".jpg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp"}

// Serve gives the files of pictures out.
func Serve(files media.Files) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			return fault.New(fault.BadUserInput, "a picture is read with GET, and sent with POST /upload")
		}
		name, ok := address.NameOf(r.URL.Path)
		if !ok {
			return fault.New(fault.NotFound, "there is no such picture")
		}
		file, err := files.Open(r.Context(), name)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		h := w.Header()
		h.Set("Content-Type", types[path.Ext(name)])
		h.Set("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": path.Base(name)}))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("ETag", `"`+name+`"`)
		http.ServeContent(w, r, "", time.Time{}, file)
		return nil
	}
}
