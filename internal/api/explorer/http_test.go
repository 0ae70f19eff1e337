package explorer_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/api/explorer"
)

// newExplorer serves the explorer without the rest of the program.
func newExplorer(t *testing.T, o explorer.Options) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(explorer.Handler(o))
	t.Cleanup(server.Close)
	return server
}

// ask sends one request with exactly the given headers, and leaves a compressed body as it is.
func ask(t *testing.T, method, address string, headers map[string]string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequest(method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	client := &http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

var ownFile = regexp.MustCompile(`(?:src|href)="(/graphiql/[^"]+)"`)

// filesOf returns the addresses that the page loads.
func filesOf(t *testing.T, server *httptest.Server) []string {
	t.Helper()
	_, page := ask(t, "GET", server.URL+"/", nil)
	var files []string
	for _, match := range ownFile.FindAllStringSubmatch(page, -1) {
		files = append(files, match[1])
	}
	if len(files) != 7 {
		t.Fatalf("the page loads %d files, want 7: %q", len(files), files)
	}
	return files
}

func TestPageShowsTheOptions(t *testing.T) {
	t.Parallel()
	server := newExplorer(t, explorer.Options{
		Endpoint: "/api/graphql",
		Query:    "# \"引号\" & <标签>\n{ site { name } }",
		Links:    []explorer.Link{{Title: "文档", URL: "/docs"}, {Title: "bad", URL: "javascript:alert(1)"}},
	})
	_, page := ask(t, "GET", server.URL+"/", nil)
	for _, want := range []string{
		"<title>Tonggao 通稿</title>",
		`data-endpoint="/api/graphql"`,
		`data-query="# &#34;引号&#34; &amp; &lt;标签&gt;` + "\n{ site { name } }\"",
		`<a href="/docs" target="_blank" rel="noopener noreferrer">文档</a>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s:\n%s", want, page)
		}
	}
	if strings.Contains(page, "javascript:") {
		t.Errorf("the page links to a script:\n%s", page)
	}
}

func TestEndpointDefault(t *testing.T) {
	t.Parallel()
	_, page := ask(t, "GET", newExplorer(t, explorer.Options{}).URL+"/", nil)
	if !strings.Contains(page, `data-endpoint="/graphql"`) {
		t.Errorf("the page does not name /graphql:\n%s", page)
	}
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	server := newExplorer(t, explorer.Options{})
	for _, path := range append(filesOf(t, server), "/", "/none") {
		response, _ := ask(t, "GET", server.URL+path, nil)
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; " +
				"style-src 'self' 'sha256-nzTgYzXYDNe6BAHiiI7NNlfK8n/auuOAhh2t92YvuXo='; " +
				"connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options":     "nosniff",
			"Referrer-Policy":            "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin",
		} {
			if got := response.Header.Get(name); got != want {
				t.Errorf("%s: %s = %q, want %q", path, name, got, want)
			}
		}
	}
}

func TestCacheControl(t *testing.T) {
	t.Parallel()
	server := newExplorer(t, explorer.Options{})
	for _, path := range filesOf(t, server) {
		response, _ := ask(t, "GET", server.URL+path, nil)
		if got := response.Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: Cache-Control = %q", path, got)
		}
	}
	response, _ := ask(t, "GET", server.URL+"/", nil)
	if got := response.Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("/: Cache-Control = %q, want no-cache", got)
	}
}

func TestCompression(t *testing.T) {
	t.Parallel()
	server := newExplorer(t, explorer.Options{})
	for _, path := range append(filesOf(t, server), "/") {
		plain, want := ask(t, "GET", server.URL+path, nil)
		if plain.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: compressed for a client that did not ask", path)
		}
		packed, body := ask(t, "GET", server.URL+path, map[string]string{"Accept-Encoding": "br, gzip"})
		if packed.Header.Get("Content-Encoding") != "gzip" || packed.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: headers %v", path, packed.Header)
			continue
		}
		if packed.Header.Get("ETag") == plain.Header.Get("ETag") {
			t.Errorf("%s: two forms with one tag %s", path, plain.Header.Get("ETag"))
		}
		r, err := gzip.NewReader(strings.NewReader(body))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != want {
			t.Errorf("%s: unpacks to other bytes, error %v", path, err)
		}
	}
}

func TestMethodsAndPaths(t *testing.T) {
	t.Parallel()
	server := newExplorer(t, explorer.Options{})
	file := filesOf(t, server)[0]
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/", 200},
		{"HEAD", "/", 200},
		{"HEAD", file, 200},
		{"POST", "/", 405},
		{"DELETE", file, 405},
		{"GET", "/index.html", 404},
		{"GET", "/graphiql", 404},
		{"GET", "/graphiql/", 404},
		{"GET", "/graphiql/0000000000000000/boot.js", 404},
		{"GET", "/graphiql/page/page.html", 404},
		{"POST", "/graphql", 404},
	} {
		response, body := ask(t, c.method, server.URL+c.path, nil)
		if response.StatusCode != c.status {
			t.Errorf("%s %s: status %d, want %d", c.method, c.path, response.StatusCode, c.status)
		}
		if c.status == 405 && response.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s %s: Allow = %q", c.method, c.path, response.Header.Get("Allow"))
		}
		if c.method == "HEAD" && body != "" {
			t.Errorf("HEAD %s: %d bytes", c.path, len(body))
		}
	}
}

// TestSize checks the budget: the binary contains the explorer for every user.
func TestSize(t *testing.T) {
	t.Parallel()
	server := newExplorer(t, explorer.Options{})
	plain, packed := 0, 0
	for _, path := range filesOf(t, server) {
		_, body := ask(t, "GET", server.URL+path, nil)
		plain += len(body)
		_, body = ask(t, "GET", server.URL+path, map[string]string{"Accept-Encoding": "gzip"})
		packed += len(body)
	}
	t.Logf("%d bytes, %d compressed", plain, packed)
	if plain > 1_500_000 || packed > 450_000 {
		t.Errorf("%d bytes, %d compressed; the budget is 1500000 and 450000", plain, packed)
	}
}
