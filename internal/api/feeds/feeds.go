// Package syndication shows the portal to feed readers and search engines: RSS
// 2.0, Atom and JSON Feed of the whole site, a category with all below it, a
// region or a tag, and a sitemap.
//
// It reads as everybody, so policy keeps what is not public out, and refuses to
// hide labels and disclaimers, which stand in each text. Key invariant: an answer
// has another ETag whenever it would read differently, and finding that out reads
// no text and renders nothing.
package feeds

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

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

// Options are what feeds are made of.
type Options struct {
	Store      *store.Store
	Articles   *article.Service
	Categories *category.Service
	Publishers *publisher.Service
	Site       *site.Service
	BaseURL    string // complete addresses begin with it; empty: there are no feeds
	Logger     *slog.Logger
}

// Desk answers feed readers and search engines.
type Desk struct {
	Options
	started instant.Instant
	plans   map[terminal.Terminal]*plan
}

// New is a desk.
func New(o Options) *Desk {
	return &Desk{Options: o, started: o.Store.Clock(), plans: map[terminal.Terminal]*plan{terminal.Web: {}, terminal.WAP: {}}}
}

// Handler serves /feeds/, /sitemap.xml, /sitemaps/ and /robots.txt.
func (d *Desk) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /feeds/{file}", d.answer(d.feed("")))
	for _, kind := range []string{byCategory, byRegion, byTag} {
		mux.HandleFunc("GET /feeds/"+kind+"/{name}/{file}", d.answer(d.feed(kind)))
	}
	mux.HandleFunc("GET /sitemap.xml", d.answer(d.sitemapIndex))
	mux.HandleFunc("GET /sitemaps/{terminal}/{part}", d.answer(d.sitemapPart))
	mux.HandleFunc("GET /robots.txt", d.answer(d.robots))
	return mux
}

// answer lets do answer everybody the same, whoever asks, and says what went
// wrong.
func (d *Desk) answer(do func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(viewer.With(r.Context(), viewer.Viewer{}))
		err := errNoAddress
		if d.BaseURL != "" {
			err = do(w, r)
		}
		if err != nil && r.Context().Err() == nil {
			d.refuse(w, r, err)
		}
	}
}

var (
	errNoAddress = fault.New(fault.Unavailable, "feeds and sitemaps need complete addresses: start the server with --base-url https://api.example.com")
	errNoFeed    = fault.New(fault.NotFound, "there is no such feed; there are rss.xml, atom.xml and feed.json in /feeds/, /feeds/category/SLUG/, /feeds/region/SLUG/ and /feeds/tag/TAG/")
	errNoPart    = fault.New(fault.NotFound, "there is no such part; /sitemap.xml lists them")
)

var statuses = map[fault.Code]int{
	fault.NotFound: http.StatusNotFound, fault.BadUserInput: http.StatusBadRequest, fault.Unavailable: http.StatusServiceUnavailable,
}

func (d *Desk) refuse(w http.ResponseWriter, r *http.Request, err error) {
	status, message := http.StatusInternalServerError, "something went wrong on our side"
	var f *fault.Error
	if known := statuses[fault.CodeOf(err)]; known != 0 && errors.As(err, &f) {
		status, message = known, f.Message
	}
	if status == http.StatusInternalServerError {
		d.Logger.ErrorContext(r.Context(), "syndication", "request", reqinfo.From(r.Context()).ID, "error", err)
	}
	for _, name := range []string{"ETag", "Last-Modified", "Cache-Control"} {
		w.Header().Del(name)
	}
	http.Error(w, message, status)
}

func (d *Desk) robots(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("User-agent: *\nDisallow: /graphql\n\nSitemap: " + d.BaseURL + "/sitemap.xml\n"))
	return nil
}

// complete is an address with the site's before it where it starts at the root.
func (d *Desk) complete(address string) string {
	if strings.HasPrefix(address, "/") {
		return d.BaseURL + address
	}
	return address
}

// facts is what the portal says about itself.
func (d *Desk) facts(ctx context.Context) (site.Facts, error) { return d.Site.Get(ctx) }
