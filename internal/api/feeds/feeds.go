// Package feeds serves the portal to feed readers and search engines: RSS 2.0, Atom and JSON
// Feed of the whole site, of a category with its descendants, of a region or of a tag; a
// sitemap; and robots.txt.
//
// It reads as the anonymous reader, so policy hides everything that is not public. Every text
// carries the labels and the disclaimer of its article. Invariant: a response has another ETag
// whenever its content differs, and a conditional request reads no text and renders nothing.
package feeds

import (
	"log/slog"
	"net/http"
	"strings"

	"github.com/tonggao/tonggao/internal/api/position"
	"github.com/tonggao/tonggao/internal/api/server"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/content/publisher"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/reqinfo"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
)

// Options are what a Handler needs.
type Options struct {
	Store      *store.Store
	Articles   *article.Service
	Categories *category.Service
	Publishers *publisher.Service
	Site       *site.Service
	Positions  *position.Reader
	BaseURL    string // prefix of absolute addresses; empty: there are no feeds
	Logger     *slog.Logger
}

// Handler serves /feeds/, /sitemap.xml, /sitemaps/ and /robots.txt.
type Handler struct {
	Options
	mux        *http.ServeMux
	started    instant.Instant
	partitions map[terminal.Terminal]*partition
}

// New returns a handler.
func New(o Options) *Handler {
	h := &Handler{Options: o, mux: http.NewServeMux(), started: o.Store.Clock(),
		partitions: map[terminal.Terminal]*partition{terminal.Web: {}, terminal.WAP: {}}}
	h.handle("/feeds/{file}", h.feed(""))
	for _, kind := range []string{byCategory, byRegion, byTag} {
		h.handle("/feeds/"+kind+"/{name}/{file}", h.feed(kind))
	}
	h.handle("/sitemap.xml", h.sitemapIndex)
	h.handle("/sitemaps/{terminal}/{part}", h.sitemapPart)
	h.handle("/robots.txt", h.robots)
	return h
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// handle registers a handler that reads as the anonymous reader and writes its errors.
func (h *Handler) handle(path string, serve server.Handler) {
	h.mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(viewer.With(r.Context(), viewer.Viewer{}))
		err := errNoBaseURL
		if h.BaseURL != "" {
			err = h.serve(w, r, serve)
		}
		if err != nil && r.Context().Err() == nil {
			h.writeError(w, r, err)
		}
	})
}

// serve reads for a response from one database.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request, serve server.Handler) error {
	ctx, at, err := h.Positions.Read(r.Context(), r.Header, true)
	if err != nil {
		return err
	}
	position.Set(w.Header(), at)
	return serve(w, r.WithContext(ctx))
}

var (
	errNoBaseURL = fault.New(fault.Unavailable, "feeds and sitemaps need absolute addresses: start the server with --base-url https://api.example.com")
	errNoFeed    = fault.New(fault.NotFound, "there is no such feed; there are rss.xml, atom.xml and feed.json in /feeds/, /feeds/category/SLUG/, /feeds/region/SLUG/ and /feeds/tag/TAG/")
	errNoPart    = fault.New(fault.NotFound, "there is no such part; /sitemap.xml lists them")
)

// writeError writes err as plain text.
func (h *Handler) writeError(w http.ResponseWriter, r *http.Request, err error) {
	status, message := server.Describe(err)
	if status >= http.StatusInternalServerError {
		h.Logger.ErrorContext(r.Context(), "feed failed", "request", reqinfo.From(r.Context()).ID, "error", err)
	}
	for _, name := range []string{"ETag", "Last-Modified", "Cache-Control"} {
		w.Header().Del(name)
	}
	server.SetRetryAfter(w.Header(), err)
	http.Error(w, message, status)
}

func (h *Handler) robots(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("User-agent: *\nDisallow: /graphql\n\nSitemap: " + h.BaseURL + "/sitemap.xml\n"))
	return nil
}

// absolute returns an address that begins with / with the base URL before it.
func (h *Handler) absolute(address string) string {
	if strings.HasPrefix(address, "/") {
		return h.BaseURL + address
	}
	return address
}
