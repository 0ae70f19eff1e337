package feeds

import (
	"net/http"
	"net/url"

	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// format is a file format of feeds.
type format struct {
	mime  string
	write func(feed) ([]byte, error)
}

var formats = map[string]format{
	"rss.xml":   {"application/rss+xml; charset=utf-8", rss},
	"atom.xml":  {"application/atom+xml; charset=utf-8", atom},
	"feed.json": {"application/feed+json; charset=utf-8", jsonFeed},
}

// feed is the content of a page of a feed, in any format.
type feed struct {
	ID, Title, Home, Self, First, Next, Copyright string
	Updated                                       instant.Instant
	Entries                                       []entry
}

// feed returns the handler of the feeds of a kind; "" is the feed of the whole site.
func (h *Handler) feed(kind string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		file := r.PathValue("file")
		f, ok := formats[file]
		if !ok {
			return errNoFeed
		}
		s, err := h.source(r.Context(), kind, r.PathValue("name"))
		if err != nil {
			return err
		}
		var after *string
		if cursor := r.URL.Query().Get("after"); cursor != "" {
			after = &cursor
		}
		p, err := h.page(r.Context(), s, after)
		if err != nil {
			return err
		}
		etag, err := p.etag(h.BaseURL, file)
		if err != nil || (validators{etag, p.modified}).notModified(w, r) {
			return err
		}
		entries, err := h.entries(r.Context(), p)
		if err != nil {
			return err
		}
		text, err := f.write(h.assemble(p, entries, file, after))
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", f.mime)
		_, _ = w.Write(text)
		return nil
	}
}

// assemble returns the feed of a page.
func (h *Handler) assemble(p page, entries []entry, file string, after *string) feed {
	first := h.BaseURL + p.path + file
	f := feed{ID: urn(p.id), Title: xmlText(p.facts.Name), Home: h.BaseURL + "/", Self: first, First: first,
		Copyright: xmlText(p.facts.Copyright), Entries: entries}
	if p.name != "" {
		f.Title += " · " + xmlText(p.name)
	}
	if after != nil {
		f.Self += "?after=" + url.QueryEscape(*after)
	}
	if p.next != nil {
		f.Next = first + "?after=" + url.QueryEscape(*p.next)
	}
	for _, e := range entries {
		f.Updated = max(f.Updated, e.Updated)
	}
	return f
}
