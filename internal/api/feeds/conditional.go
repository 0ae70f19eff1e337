package feeds

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// validators identify a version of a response for conditional requests. The ETag is weak,
// because it is valid for the compressed form, too.
type validators struct {
	etag     string
	modified instant.Instant // 0: not known exactly enough for Last-Modified
}

// hash returns the ETag of a response that depends on values.
func hash(values ...any) (string, error) {
	text, err := json.Marshal(values)
	if err != nil {
		return "", fmt.Errorf("hash a response: %w", err)
	}
	sum := sha256.Sum256(text)
	return `W/"` + hex.EncodeToString(sum[:12]) + `"`, nil
}

// notModified sets the headers and reports whether the client has this version; then it has
// written the response.
func (v validators) notModified(w http.ResponseWriter, r *http.Request) bool {
	header := w.Header()
	header.Set("ETag", v.etag)
	header.Set("Cache-Control", "public, no-cache") // a takedown must show at once
	if v.modified != 0 {
		header.Set("Last-Modified", v.modified.Time().UTC().Format(http.TimeFormat))
	}
	if !v.match(r) {
		return false
	}
	w.WriteHeader(http.StatusNotModified)
	return true
}

// match compares the version with that of the request. If-None-Match takes precedence over
// If-Modified-Since (RFC 9110, 13.1.3).
func (v validators) match(r *http.Request) bool {
	if tags := r.Header.Values("If-None-Match"); len(tags) > 0 {
		return contains(strings.Join(tags, ","), v.etag)
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && v.modified != 0 && !v.modified.Time().Truncate(time.Second).After(since)
}

// contains reports whether a list of ETags has etag, by weak comparison (RFC 9110, 8.8.3.2).
func contains(list, etag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		one = strings.TrimSpace(one)
		if one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}
