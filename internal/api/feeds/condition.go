package feeds

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// condition is what a client may already have. The tag is weak, for it is good
// for the compressed form as well.
type condition struct {
	tag     string
	changed instant.Instant // 0: not known well enough to be said
}

func tagOf(things ...any) (string, error) {
	text, err := json.Marshal(things)
	sum := sha256.Sum256(text)
	return `W/"` + hex.EncodeToString(sum[:12]) + `"`, err
}

// holds sets the headers and reports whether the client has just this; then the
// answer was given. A client that names a tag is judged by it alone (RFC 9110,
// 13.1.3).
func (c condition) holds(w http.ResponseWriter, r *http.Request) bool {
	h := w.Header()
	h.Set("ETag", c.tag)
	h.Set("Cache-Control", "public, no-cache") // news of what was taken back must not wait
	if c.changed != 0 {
		h.Set("Last-Modified", c.changed.Time().UTC().Format(http.TimeFormat))
	}
	if !c.met(r) {
		return false
	}
	w.WriteHeader(http.StatusNotModified)
	return true
}

func (c condition) met(r *http.Request) bool {
	if tags := r.Header.Values("If-None-Match"); len(tags) > 0 {
		return matches(strings.Join(tags, ","), c.tag)
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && c.changed != 0 && !c.changed.Time().Truncate(time.Second).After(since)
}

// matches compares weakly (RFC 9110, 8.8.3.2).
func matches(list, tag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		one = strings.TrimSpace(one)
		if one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}
