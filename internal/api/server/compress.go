package server

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

const (
	minCompressed = 1 << 10 // bytes; a smaller response fits into one packet anyway
	gzipLevel     = 4       // beyond it more work saves little
)

// compressible lists the media types that are compressed. Pictures are compressed already,
// and a stream of events must not wait until a block is full.
var compressible = []string{
	"application/json", "application/graphql-response+json", "application/feed+json",
	"application/xml", "application/rss+xml", "application/atom+xml",
	"text/html", "text/plain", "text/xml", "text/css", "text/javascript", "image/svg+xml",
}

// compressed compresses responses for clients that accept it; a list of articles shrinks to a
// fifth. Sizes reveal no secret (BREACH), because another site cannot make a browser send a
// token. A handler below it must use weak ETags, valid for both forms.
func compressed(next http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.EnableZstd(false), gzhttp.MinSize(minCompressed),
		gzhttp.CompressionLevel(gzipLevel), gzhttp.ContentTypes(compressible))
	if err != nil {
		panic("server: compression: " + err.Error()) // the options above are constants
	}
	wrapped := wrap(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isStream(r) {
			next.ServeHTTP(w, r)
			return
		}
		wrapped.ServeHTTP(w, r)
	})
}
