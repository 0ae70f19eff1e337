package server

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// smallest is the size in bytes from which an answer is worth compressing: less
// fits into one packet anyway.
const smallest = 1 << 10

// compressible is what is compressed. Pictures are already; a stream of events
// must not wait for a block to fill.
var compressible = []string{
	"application/json", "application/graphql-response+json", "application/feed+json",
	"application/xml", "application/rss+xml", "application/atom+xml",
	"text/html", "text/plain", "text/xml", "text/css", "text/javascript", "image/svg+xml",
}

// compressed compresses answers for clients that take it. Most readers are on
// phones, and a list of articles shrinks to a fifth. A secret cannot be guessed
// from the sizes (BREACH): another site cannot make a browser send a token. What
// has an ETag and is compressed here must have a weak one, good for both forms.
func compressed(next http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.EnableZstd(false), gzhttp.MinSize(smallest),
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

// gzipLevel is where more work begins to save little: see the benchmark.
const gzipLevel = 4
