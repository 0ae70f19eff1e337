// Package explorer serves GraphiQL, which is embedded in the binary, at "/" with its files below
// "/graphiql/".
//
// It does not know the schema: the page in the browser sends its queries to the endpoint.
//
// Invariant: the page sends requests to its own origin only, which the content security policy
// enforces, and has no inline script.
package explorer

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"path"

	"github.com/tonggao/tonggao/internal/api/staticfile"
)

// Options configure the page.
type Options struct {
	// Endpoint is the path of the GraphQL endpoint; default "/graphql".
	Endpoint string
	// Query is the initial text of the editor.
	Query string
	// Links are shown in the header of the page, in this order.
	Links []Link
}

// Link is a link to documentation.
type Link struct {
	Title string
	URL   string
}

//go:embed assets/*.js assets/*.css page
var files embed.FS

var page = template.Must(template.ParseFS(files, "page/page.html"))

// assets lists the files that the page loads.
var assets = []string{
	"assets/react.production.min.js",
	"assets/react-dom.production.min.js",
	"assets/graphiql.min.js",
	"assets/graphiql.min.css",
	"page/boot.js",
	"page/page.css",
	"page/icon.svg",
}

// view is the data of the page's template.
type view struct {
	Options
	addresses map[string]string
}

// Asset returns the address of a file by its name.
func (v view) Asset(name string) string { return v.addresses[name] }

// Handler returns the handler of the page and its files.
func Handler(o Options) http.Handler {
	if o.Endpoint == "" {
		o.Endpoint = "/graphql"
	}
	routes := make(map[string]*staticfile.File, len(assets)+1)
	addresses := make(map[string]string, len(assets))
	for _, name := range assets {
		body, err := files.ReadFile(name)
		if err != nil {
			panic("explorer: read the embedded file " + name + ": " + err.Error())
		}
		a := staticfile.New(path.Ext(name), body, staticfile.Forever)
		address := "/graphiql/" + a.Hash + "/" + path.Base(name)
		addresses[path.Base(name)] = address
		routes[address] = a
	}
	var html bytes.Buffer
	if err := page.Execute(&html, view{o, addresses}); err != nil {
		panic("explorer: execute the template of the page: " + err.Error()) // the template is a constant
	}
	routes["/"] = staticfile.New(".html", html.Bytes(), staticfile.Revalidate)
	return staticfile.Site{Policy: policy, Files: routes}
}
