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

// types is what is served, by the end of its name. The machine's own table is not
// asked, and browsers are told not to guess.
var types = map[string]string{".jpg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp"}

// How long a file may be kept: by a browser for ever, as its address never leads to
// anything else; by what stands between for a short time, so that what is taken down
// goes from there too. What staff see of what is taken down, nobody keeps.
const (
	keepForever = "public, max-age=31536000, s-maxage=600, immutable"
	keepNowhere = "private, no-store"
)

// Authenticate is whose a header Authorization is.
type Authenticate func(ctx context.Context, header string) (viewer.Viewer, error)

// Serve gives the files of pictures out; what is taken down to staff only. Nobody is asked
// for a token otherwise, and a bad one takes nothing away.
func Serve(files media.Files, pictures *media.Service, authenticate Authenticate) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			return fault.New(fault.BadUserInput, "a picture is read with GET, and sent with POST /upload")
		}
		name, ok := mediaurl.NameOf(r.URL.Path)
		if !ok {
			return fault.New(fault.NotFound, "there is no such picture")
		}
		keep := keepForever
		withheld, err := pictures.Withheld(r.Context(), name)
		if err != nil {
			return err
		}
		if withheld {
			v, err := authenticate(r.Context(), strings.Join(r.Header.Values("Authorization"), ", "))
			if err != nil || !policy.Allows(viewer.With(r.Context(), v), policy.ReadWithheld) {
				return fault.New(fault.NotFound, "there is no such picture")
			}
			keep = keepNowhere
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
		h.Set("Cache-Control", keep)
		h.Set("ETag", `"`+name+`"`)
		http.ServeContent(w, r, "", time.Time{}, file)
		return nil
	}
}
