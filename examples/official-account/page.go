package main

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"strings"
)

//go:embed page
var files embed.FS

var templates = template.Must(template.ParseFS(files, "page/*.html"))

// policy lets pages load pictures from everywhere and scripts only from here.
const policy = "default-src 'none'; img-src http: https: data:; style-src 'self' 'unsafe-inline'; script-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// site serves the pages: a list to choose from, an article as the platform keeps it, and
// its draft.
type site struct {
	client client
	thumb  string
}

func (s site) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.list)
	mux.HandleFunc("GET /articles/{id}", s.article)
	mux.HandleFunc("GET /articles/{id}/draft.json", s.draft)
	for _, name := range []string{"page.css", "page.js"} {
		mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "page/"+name) })
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		mux.ServeHTTP(w, r)
	})
}

// list shows the latest articles, or those in which the words of the form are found.
func (s site) list(w http.ResponseWriter, r *http.Request) {
	words := strings.TrimSpace(r.URL.Query().Get("q"))
	found, err := s.client.list(r.Context(), words, r.URL.Query().Get("after"))
	if err != nil {
		fail(w, err)
		return
	}
	next := ""
	if found.PageInfo.HasNextPage {
		next = "/?" + url.Values{"q": {words}, "after": {found.PageInfo.EndCursor}}.Encode()
	}
	show(w, http.StatusOK, "list.html", map[string]any{"Title": "选一篇文章", "Words": words, "Found": found.Edges, "Next": next})
}

// article shows an article as the platform keeps it.
func (s site) article(w http.ResponseWriter, r *http.Request) {
	a, err := s.client.article(r.Context(), r.PathValue("id"))
	if err != nil {
		fail(w, err)
		return
	}
	if err := s.write(w, a); err != nil {
		fail(w, err)
	}
}

// write writes the page of an article. Its parts are safe to embed, because keep removes
// everything active; what is copied is the part as the server gave it.
func (s site) write(w io.Writer, a *article) error {
	type part struct {
		Number  int
		Kept    template.HTML
		Content string
		Title   string
	}
	var parts []part
	for i, d := range draftsOf(a, s.thumb) {
		kept, _ := keep(d.Content)
		parts = append(parts, part{Number: i + 1, Kept: template.HTML(kept), Content: d.Content, Title: d.Title})
	}
	by := a.Publisher.Name
	if a.Author != nil {
		by = *a.Author
	}
	return templates.ExecuteTemplate(w, "article.html", map[string]any{"Title": a.Title, "Article": a, "By": by, "Parts": parts, "Remarks": report(a, s.thumb)})
}

// draft serves the body of the call to draft/add.
func (s site) draft(w http.ResponseWriter, r *http.Request) {
	a, err := s.client.article(r.Context(), r.PathValue("id"))
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="draft.json"`)
	writeDrafts(w, draftsOf(a, s.thumb)) // the client is gone if this fails
}

// fail shows an error: 404 for an article that does not exist, otherwise 502.
func fail(w http.ResponseWriter, err error) {
	status := http.StatusBadGateway
	if errors.Is(err, errNotFound) {
		status = http.StatusNotFound
	}
	show(w, status, "error.html", map[string]any{"Title": "看不了", "Error": err.Error()})
}

func show(w http.ResponseWriter, status int, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	templates.ExecuteTemplate(w, name, data) // the client is gone if this fails
}

// remark holds one thing to know before the article is sent.
type remark struct{ Kind, Text string }

// report returns everything to know before the article is sent.
func report(a *article, thumb string) (remarks []remark) {
	add := func(kind, text string) { remarks = append(remarks, remark{kind, text}) }
	for _, l := range a.Body.Losses {
		add("已替换", fmt.Sprintf("%s：%s，%s", place(l.Path), l.Reason, l.Instead))
	}
	drafts := draftsOf(a, thumb)
	if len(drafts) > 1 {
		add("已分篇", fmt.Sprintf("全文超过一篇的上限，在小标题处分成 %d 篇，一字不少", len(drafts)))
	}
	for _, d := range drafts {
		_, lost := keep(d.Content)
		for _, line := range lost {
			add("平台处理", line)
		}
	}
	for i, d := range drafts {
		for _, line := range d.overLimits() {
			if i == 0 || strings.HasPrefix(line, "正文") {
				add("发稿之前", line)
			}
		}
	}
	return remarks
}

// place returns where a path of the document leads, for people: content[3].content[0] is
// in the fourth block.
func place(path string) string {
	var block int
	if _, err := fmt.Sscanf(path, "content[%d]", &block); err != nil {
		return path
	}
	return fmt.Sprintf("第 %d 段", block+1)
}
