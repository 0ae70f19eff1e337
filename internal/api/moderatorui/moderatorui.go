// Package moderatorui serves the moderators' user interface, which is embedded in the binary: a
// page to moderate pending comments and reports.
//
// The page uses only the public API, with the token that a moderator signs in with.
//
// Invariant: the page sends requests to its own origin only, has no inline script or style, and
// inserts text of readers as text, never as markup.
package moderatorui

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"path"
	"strings"

	"github.com/tonggao/tonggao/internal/api/staticfile"
)

//go:embed page
var files embed.FS

var page = template.Must(template.ParseFS(files, "page/page.html"))

var policy = strings.Join([]string{
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"connect-src 'self'",
	"img-src 'self' blob:",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
}, "; ")

// Handler returns the handler of the page at "/desk" and its files below "/desk/".
func Handler() http.Handler {
	entries, err := files.ReadDir("page")
	if err != nil {
		panic("moderatorui: read the embedded page: " + err.Error()) // it is embedded
	}
	bodies, all := map[string][]byte{}, sha256.New()
	for _, e := range entries {
		body, err := files.ReadFile("page/" + e.Name())
		if err != nil {
			panic("moderatorui: read the embedded file " + e.Name())
		}
		bodies[e.Name()] = body
		all.Write(body)
	}
	// Modules import one another by relative path, so all of them share one folder with a hash.
	base := "/desk/" + hex.EncodeToString(all.Sum(nil)[:8]) + "/"
	routes := make(map[string]*staticfile.File, len(bodies))
	for name, body := range bodies {
		if path.Ext(name) != ".html" {
			routes[base+name] = staticfile.New(path.Ext(name), body, staticfile.Forever)
		}
	}
	var html bytes.Buffer
	if err := page.Execute(&html, base); err != nil {
		panic("moderatorui: execute the template of the page: " + err.Error()) // the template is a constant
	}
	routes["/desk"] = staticfile.New(".html", html.Bytes(), staticfile.Revalidate)
	return staticfile.Site{Policy: policy, Files: routes}
}
