// Package graphiql serves the GraphiQL explorer out of the binary.
//
// It knows nothing of the schema: the page in the reader's browser asks the
// endpoint. It refuses everything that is not a GET or a HEAD of one of its own
// paths, which are "/" and those under "/graphiql/".
//
// Invariant: the page asks its own origin and nothing else. The content
// security policy lets nothing else through, and no script is inline.
package explorer

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"path"

	"github.com/tonggao/tonggao/internal/api/staticfile"
)

// Options say what the explorer shows first.
type Options struct {
	// Endpoint is the path of the GraphQL endpoint, "/graphql" when empty.
	Endpoint string
	// Query is the text in the editor of a reader who has none of their own.
	Query string
	// Links stand in the head of the page, in this order.
	Links []Link
}

// Link is a way from the explorer to a document.
type Link struct {
	Title string
	URL   string
}

//go:embed assets/*.js assets/*.css page
var files embed.FS

var page = template.Must(template.ParseFS(files, "page/page.html"))

// shipped are the files that the page loads.
var shipped = []string{
	"assets/react.production.min.js",
	"assets/react-dom.production.min.js",
	"assets/graphiql.min.js",
	"assets/graphiql.min.css",
	"page/boot.js",
	"page/page.css",
	"page/icon.svg",
}

// view is what the template of the page sees.
type view struct {
	Options
	addresses map[string]string
}

// Asset returns the address of a shipped file by its name.
func (v view) Asset(name string) string { return v.addresses[name] }

// Handler serves the explorer at "/" and its files under "/graphiql/".
func Handler(o Options) http.Handler {
	if o.Endpoint == "" {
		o.Endpoint = "/graphql"
	}
	routes := make(map[string]*staticfile.File, len(shipped)+1)
	addresses := make(map[string]string, len(shipped))
	for _, name := range shipped {
		body, err := files.ReadFile(name)
		if err != nil {
			panic("graphiql: the binary lacks " + name) // the list above names a file that is not embedded
		}
		a := staticfile.New(path.Ext(name), body, staticfile.Forever)
		address := "/graphiql/" + a.Hash + "/" + path.Base(name)
		addresses[path.Base(name)] = address
		routes[address] = a
	}
	var html bytes.Buffer
	if err := page.Execute(&html, view{o, addresses}); err != nil {
		panic("graphiql: the page does not render: " + err.Error()) // the template is a constant
	}
	routes["/"] = staticfile.New(".html", html.Bytes(), staticfile.Revalidate)
	return staticfile.Site{Policy: policy, Files: routes}
}
