package staticfile_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/api/staticfile"
)

const script = "console.log('养老之家');"

// serve starts a site with a page and a script, and returns a function that requests a path
// with headers, names and values in turn.
func serve(t *testing.T) func(method, path string, header ...string) (*http.Response, string) {
	t.Helper()
	server := httptest.NewServer(staticfile.Site{Policy: "default-src 'none'", Files: map[string]*staticfile.File{
		"/":     staticfile.New(".html", []byte("<p>页</p>"), staticfile.Revalidate),
		"/x.js": staticfile.New(".js", []byte(script), staticfile.Forever),
	}})
	t.Cleanup(server.Close)
	return func(method, path string, header ...string) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequest(method, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		response, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response, string(text)
	}
}

func TestSite(t *testing.T) {
	t.Parallel()
	get := serve(t)
	for _, c := range []struct {
		method, path string
		status       int
		header       map[string]string
	}{
		{"GET", "/", 200, map[string]string{"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache"}},
		{"GET", "/x.js", 200, map[string]string{"Content-Type": "text/javascript; charset=utf-8", "Cache-Control": "public, max-age=31536000, immutable"}},
		{"HEAD", "/x.js", 200, map[string]string{"Vary": "Accept-Encoding"}},
		{"POST", "/", 405, map[string]string{"Allow": "GET, HEAD"}},
		{"GET", "/y.js", 404, nil},
		{"GET", "/x.js/", 404, nil},
		{"GET", "/..%2fx.js", 404, nil},
	} {
		r, text := get(c.method, c.path)
		if r.StatusCode != c.status || c.method == "HEAD" && text != "" {
			t.Errorf("%s %s: %d %q", c.method, c.path, r.StatusCode, text)
		}
		for name, want := range c.header {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s %s: %s: %q, want %q", c.method, c.path, name, got, want)
			}
		}
		if r.Header.Get("Content-Security-Policy") != "default-src 'none'" || r.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s %s: %v", c.method, c.path, r.Header)
		}
	}
}

func TestConditionalRequest(t *testing.T) {
	t.Parallel()
	get := serve(t)
	plain, _ := get("GET", "/x.js")
	gzipped, _ := get("GET", "/x.js", "Accept-Encoding", "gzip")
	etag, other := plain.Header.Get("ETag"), gzipped.Header.Get("ETag")
	if etag == "" || etag == other {
		t.Errorf("ETags %s and %s", etag, other)
	}
	for _, c := range []struct {
		etag, encoding string
		status         int
	}{{etag, "", 304}, {other, "gzip", 304}, {etag, "gzip", 200}, {`"x"`, "", 200}} {
		if r, _ := get("GET", "/x.js", "If-None-Match", c.etag, "Accept-Encoding", c.encoding); r.StatusCode != c.status {
			t.Errorf("%+v: %d", c, r.StatusCode)
		}
	}
	if staticfile.New(".js", []byte("a"), "").Hash == staticfile.New(".js", []byte("b"), "").Hash {
		t.Error("two files have one hash")
	}
}

func TestAcceptEncoding(t *testing.T) {
	t.Parallel()
	get := serve(t)
	for header, want := range map[string]bool{
		"gzip": true, "x-gzip": true, "GZIP": true, "br, gzip": true, "gzip;q=0.5": true, "*": true, "*;q=0, gzip": true, "deflate, *;q=0.1": true,
		"": false, "br": false, "gzip;q=0": false, "gzip;q=0, *": false, "*;q=0": false, "gzip;q=x": false, "identity": false,
	} {
		r, text := get("GET", "/x.js", "Accept-Encoding", header)
		if got := r.Header.Get("Content-Encoding") == "gzip"; got != want {
			t.Errorf("%q: compressed: %v", header, got)
			continue
		}
		if want {
			z, err := gzip.NewReader(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			plain, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			text = string(plain)
		}
		if text != script {
			t.Errorf("%q: %q", header, text)
		}
	}
}
