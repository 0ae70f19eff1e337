// Package serve serves the mobile site of examples/wap: three files under a strict
// content security policy, and the API proxied under the same origin. It refuses to
// start if the bundle has errors. Invariant: a page loads nothing but pictures from
// other origins.
package serve

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// policy allows the page's own script and style; pictures in articles may come from
// other origins.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"img-src 'self' data: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// asset is a file with its compressed form.
type asset struct {
	kind   string
	plain  []byte
	zipped []byte
}

// New bundles the site in dir and returns its handler, which proxies the API to target.
func New(dir string, target *url.URL) (http.Handler, error) {
	script, err := bundle(filepath.Join(dir, "src", "main.ts"))
	if err != nil {
		return nil, err
	}
	style, err := os.ReadFile(filepath.Join(dir, "style.css"))
	if err != nil {
		return nil, fmt.Errorf("read the style: %w", err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil {
		return nil, fmt.Errorf("read the page: %w", err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.SetXForwarded()
	}}
	mux := http.NewServeMux()
	mux.Handle("/graphql", proxy)
	mux.Handle("/media/", proxy)
	mux.Handle("/upload", proxy)
	mux.Handle("/main.js", newAsset("text/javascript; charset=utf-8", script))
	mux.Handle("/style.css", newAsset("text/css; charset=utf-8", style))
	mux.Handle("/", newAsset("text/html; charset=utf-8", page)) // the page routes all URLs itself
	return mux, nil
}

// bundle returns the sources as one script.
func bundle(entry string) ([]byte, error) {
	result := api.Build(api.BuildOptions{
		EntryPoints: []string{entry}, Bundle: true, Format: api.FormatESModule, Target: api.ES2020, Charset: api.CharsetUTF8,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
	})
	var faults []error
	for _, message := range api.FormatMessages(result.Errors, api.FormatMessagesOptions{}) {
		faults = append(faults, errors.New(message))
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("bundle %s: %w", entry, errors.Join(faults...))
	}
	return result.OutputFiles[0].Contents, nil
}

func newAsset(kind string, plain []byte) *asset {
	var zipped bytes.Buffer
	w, _ := gzip.NewWriterLevel(&zipped, gzip.BestCompression) // the level is valid
	w.Write(plain)                                             // writing to memory cannot fail
	w.Close()
	return &asset{kind: kind, plain: plain, zipped: zipped.Bytes()}
}

// ServeHTTP writes the file, compressed if the client accepts it.
func (a *asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", a.kind)
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	header.Set("Cache-Control", "no-cache")
	header.Set("Vary", "Accept-Encoding")
	body := a.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		body = a.zipped
		header.Set("Content-Encoding", "gzip")
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.Write(body) // the client may be gone
}
