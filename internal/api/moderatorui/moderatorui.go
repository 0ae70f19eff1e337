// Package desk serves the moderators' desk out of the binary: a page that waiting
// comments and reports are worked off on.
//
// The page knows the public API and the token that a moderator signs in with, and
// nothing else: there is no way in for it that others do not have.
//
// Invariant: the page asks its own origin and nothing else, no script or style is
// inline, and what readers wrote is only ever put in as text.
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

// Handler serves the desk at "/desk" and its files under "/desk/".
func Handler() http.Handler {
	entries, err := files.ReadDir("page")
	if err != nil {
		panic("desk: the binary lacks the page: " + err.Error()) // it is embedded
	}
	shipped, all := map[string][]byte{}, sha256.New()
	for _, e := range entries {
		body, err := files.ReadFile("page/" + e.Name())
		if err != nil {
			panic("desk: the binary lacks " + e.Name())
		}
		shipped[e.Name()] = body
		all.Write(body)
	}
	// Modules name one another by their names, so all of them share one address.
	base := "/desk/" + hex.EncodeToString(all.Sum(nil)[:8]) + "/"
	routes := make(map[string]*staticfile.File, len(shipped))
	for name, body := range shipped {
		if path.Ext(name) != ".html" {
			routes[base+name] = staticfile.New(path.Ext(name), body, staticfile.Forever)
		}
	}
	var html bytes.Buffer
	if err := page.Execute(&html, base); err != nil {
		panic("desk: the page does not render: " + err.Error()) // the template is a constant
	}
	routes["/desk"] = staticfile.New(".html", html.Bytes(), staticfile.Revalidate)
	return staticfile.Site{Policy: policy, Files: routes}
}
