package upload

import (
	"context"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/tonggao/tonggao/internal/content/media"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/mediaurl"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// mediaTypes are the types of pictures by extension. It is a closed list, so that responses do
// not depend on the tables of the machine.
var mediaTypes = map[string]string{".jpg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp"}

// The values of Cache-Control. Browsers may cache a public picture forever, because its address
// never changes its content; proxies only for ten minutes, so that a takedown reaches them. No
// cache may store a withheld picture, which only staff can see.
const (
	cachePublic   = "public, max-age=31536000, s-maxage=600, immutable"
	cacheWithheld = "private, no-store"
)

// Authenticate returns the viewer for an Authorization header.
type Authenticate func(ctx context.Context, header string) (viewer.Viewer, error)

// Serve serves the files of pictures. A picture that is withheld, because an article that shows
// it is taken down, is served to staff only. Other pictures need no token, and an invalid one is
// ignored. An address in any other than its canonical form leads to nothing.
func Serve(files media.Files, pictures *media.Service, authenticate Authenticate) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			return fault.New(fault.BadUserInput, "a picture is read with GET, and sent with POST /upload")
		}
		name, ok := mediaurl.NameOf(r.URL.EscapedPath())
		if !ok || r.URL.RawQuery != "" || r.URL.ForceQuery {
			return fault.New(fault.NotFound, "there is no such picture")
		}
		cacheControl := cachePublic
		withheld, err := pictures.Withheld(r.Context(), name)
		if err != nil {
			return err
		}
		if withheld {
			v, err := authenticate(r.Context(), strings.Join(r.Header.Values("Authorization"), ", "))
			if err != nil || !policy.Allows(viewer.With(r.Context(), v), policy.ReadWithheld) {
				return fault.New(fault.NotFound, "there is no such picture")
			}
			cacheControl = cacheWithheld
		}
		file, err := files.Open(r.Context(), name)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		h := w.Header()
		h.Set("Content-Type", mediaTypes[path.Ext(name)])
		h.Set("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": path.Base(name)}))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		h.Set("Cache-Control", cacheControl)
		h.Set("ETag", `"`+name+`"`)
		http.ServeContent(w, r, "", time.Time{}, file)
		return nil
	}
}
