// Package serve serves the mobile site of examples/wap: pages that are rendered on the server
// from the GraphQL API, over HTTP. Every page is complete without JavaScript; site.js adds
// paging without a click, comments without a reload, and the font size at once.
//
// Invariants: a page loads nothing but pictures from other origins, which the content security
// policy enforces; the only HTML that is not escaped is the article's text, which the API
// guarantees to be safe; a form is accepted only from a page of this site.
package serve

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"
)

// Options configure a site.
type Options struct {
	API     string // the address of the API
	BaseURL string // the public address of the site; empty: the one of each request
	// Token lets the site ask why an article is missing, for the statuses 410 and 451: a token of
	// the role EDITOR, which sees them. Empty: every missing article is a 404.
	Token string
}

//go:embed template/*.html static
var files embed.FS

// Site is the handler of all pages.
type Site struct {
	Options
	api       *url.URL
	client    *http.Client
	templates *template.Template
	mux       *http.ServeMux
}

// New returns the site that shows the API of o.
func New(o Options) (*Site, error) {
	api, err := url.Parse(o.API)
	if err != nil || api.Host == "" {
		return nil, fmt.Errorf("--api %q is not an address such as http://127.0.0.1:8080", o.API)
	}
	templates, err := template.New("").Funcs(functions).ParseFS(files, "template/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse the templates: %w", err)
	}
	s := &Site{Options: o, api: api, client: &http.Client{Timeout: 20 * time.Second}, templates: templates, mux: http.NewServeMux()}
	s.route()
	return s, nil
}

// route registers all pages.
func (s *Site) route() {
	s.page("GET /{$}", s.list)
	s.page("GET /c/{slug}", s.list)
	s.page("GET /search", s.search)
	s.page("GET /a/{slug}", s.article)
	s.page("POST /a/{slug}", s.comment)
	s.page("GET /report/{id}", s.reportForm)
	s.page("POST /report/{id}", s.report)
	s.page("GET /status", s.status)
	s.page("POST /status", s.material)
	s.page("POST /status/files", s.upload)
	s.page("/", func(*http.Request) (*answer, error) { return nil, errMissing })
	s.mux.HandleFunc("GET /view", setView)
	s.mux.HandleFunc("GET /robots.txt", s.robots)
	for _, name := range []string{"style.css", "site.js", "icon.svg"} {
		s.mux.Handle("GET /"+name, static(name))
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(s.api)
		r.SetXForwarded()
	}}
	for _, path := range []string{"/media/", "/feeds/", "/sitemap.xml", "/sitemaps/"} {
		s.mux.Handle("GET "+path, proxy)
	}
}

// ServeHTTP implements http.Handler.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// An answer is a page, or a redirect to another.
type answer struct {
	status   int
	template string
	page     *page
	redirect string
}

var errMissing = &problem{Status: http.StatusNotFound, Message: "没有这个页面，请检查网址，或回首页看看。"}

// page registers a page; f returns what to show. An error becomes a page, too.
func (s *Site) page(pattern string, f func(*http.Request) (*answer, error)) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
		a, err := f(r)
		if err != nil {
			a = s.failure(r, err)
		}
		s.write(w, r, a)
	})
}

// failure returns the page of an error, with the site around it where the API answers.
func (s *Site) failure(r *http.Request, err error) *answer {
	var known *problem
	if !errors.As(err, &known) {
		slog.ErrorContext(r.Context(), "page failed", "path", r.URL.Path, "error", err)
		known = &problem{Status: http.StatusBadGateway, Message: "暂时打不开，请稍后再试。"}
	}
	p := s.newPage(r)
	if known.Status < http.StatusInternalServerError && known.Status != http.StatusTooManyRequests {
		_ = s.ask(r, navQuery, nil, &p.Nav) // the page is shown without the navigation, too
	}
	p.Title, p.Robots, p.Message = titles[known.Status], "noindex", known.Message
	if p.Title == "" {
		p.Title = "没有成功"
	}
	return &answer{status: known.Status, template: "message.html", page: p}
}

var titles = map[int]string{http.StatusNotFound: "没有找到", http.StatusGone: "文章已撤下",
	http.StatusUnavailableForLegalReasons: "内容因投诉或违规已被移除", http.StatusTooManyRequests: "操作太频繁"}

// write renders an answer.
func (s *Site) write(w http.ResponseWriter, r *http.Request, a *answer) {
	if a.redirect != "" {
		http.Redirect(w, r, a.redirect, http.StatusSeeOther)
		return
	}
	a.page.Form = formToken(w, r)
	var text bytes.Buffer
	if err := s.templates.ExecuteTemplate(&text, a.template, a.page); err != nil {
		slog.ErrorContext(r.Context(), "template failed", "path", r.URL.Path, "error", err)
		http.Error(w, "页面出了差错，请稍后再试。", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; "+
		"img-src 'self' data: https: "+s.api.Scheme+"://"+s.api.Host+"; media-src 'self' https:; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	h.Set("Cache-Control", "private, no-cache") // the page depends on the reader's font size
	writeCompressed(w, r, a.status, text.Bytes())
}

// origin returns the public address of the site.
func (s *Site) origin(r *http.Request) string {
	if s.BaseURL != "" {
		return s.BaseURL
	}
	return "http://" + r.Host
}

func (s *Site) robots(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = fmt.Fprintf(w, "User-agent: *\nDisallow: /report/\nDisallow: /status\nDisallow: /search\nDisallow: /view\n\nSitemap: %s/sitemap.xml\n", s.origin(r))
}

// forwarded returns X-Forwarded-For for a request to the API on behalf of r, so that its rate
// limits and the region of a comment are those of the reader.
func forwarded(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	return strings.Join(append(r.Header.Values("X-Forwarded-For"), host), ", ")
}
