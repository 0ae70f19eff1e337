package explorer

import (
	"bytes"
	"html/template"
	"net/http"
)

var home = template.Must(template.ParseFS(files, "page/home.html"))

// homePolicy allows the style of the page and nothing else.
const homePolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"

// Home returns the handler of the page at "/" of a server without the explorer: what this is,
// and the next three commands. The page names nothing of the installation.
func Home() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		var page bytes.Buffer
		if err := home.Execute(&page, "http://"+r.Host); err != nil {
			panic("explorer: execute the template of the first page: " + err.Error())
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", homePolicy)
		_, _ = w.Write(page.Bytes())
	})
}
