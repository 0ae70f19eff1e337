package feeds

import (
	"encoding/json"
	"encoding/xml"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// format is a form of feed.
type format struct {
	mime  string
	write func(feed) ([]byte, error)
}

var formats = map[string]format{
	"rss.xml":   {"application/rss+xml; charset=utf-8", rss},
	"atom.xml":  {"application/atom+xml; charset=utf-8", atom},
	"feed.json": {"application/feed+json; charset=utf-8", jsonFeed},
}

// feed is everything that a page of a feed says.
type feed struct {
	ID, Title, Home, Self, First, Next, Copyright string
	Updated                                       instant.Instant
	Entries                                       []entry
}

// feed serves the feeds of a kind.
func (d *Desk) feed(kind string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		file := r.PathValue("file")
		f, ok := formats[file]
		if !ok {
			return errNoFeed
		}
		s, err := d.source(r.Context(), kind, r.PathValue("name"))
		if err != nil {
			return err
		}
		var after *string
		if cursor := r.URL.Query().Get("after"); cursor != "" {
			after = &cursor
		}
		e, err := d.edition(r.Context(), s, after)
		if err != nil {
			return err
		}
		tag, err := e.tag(d.BaseURL, file)
		if err != nil || (condition{tag, e.changed}).holds(w, r) {
			return err
		}
		entries, err := d.entries(r.Context(), e)
		if err != nil {
			return err
		}
		text, err := f.write(d.assemble(e, entries, file, after))
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", f.mime)
		_, _ = w.Write(text)
		return nil
	}
}

func (d *Desk) assemble(e edition, entries []entry, file string, after *string) feed {
	first := d.BaseURL + e.path + file
	f := feed{ID: idOf(e.id), Title: legal(e.facts.Name), Home: d.BaseURL + "/", Self: first, First: first,
		Copyright: legal(e.facts.Copyright), Entries: entries}
	if e.name != "" {
		f.Title += " · " + legal(e.name)
	}
	if after != nil {
		f.Self += "?after=" + url.QueryEscape(*after)
	}
	if e.next != nil {
		f.Next = first + "?after=" + url.QueryEscape(*e.next)
	}
	for _, one := range entries {
		f.Updated = max(f.Updated, one.Updated)
	}
	return f
}

type link struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
	Type string `xml:"type,attr,omitempty"`
}

// links is where a feed's pages are (RFC 5005).
func (f feed) links() []link {
	list := []link{{Rel: "self", Href: f.Self}, {Rel: "first", Href: f.First}}
	if f.Next != "" {
		list = append(list, link{Rel: "next", Href: f.Next})
	}
	return list
}

func document(root any) ([]byte, error) {
	text, err := xml.Marshal(root)
	return append([]byte(xml.Header), text...), err
}

// pictureType is the media type of a picture by its address; empty where that
// does not tell.
func pictureType(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	kind, _, _ := strings.Cut(mime.TypeByExtension(path.Ext(u.Path)), ";")
	if !strings.HasPrefix(kind, "image/") {
		return ""
	}
	return kind
}

type rssEnclosure struct {
	URL    string `xml:"url,attr"`
	Length int    `xml:"length,attr"` // 0: not known, as the RSS Advisory Board advises
	Type   string `xml:"type,attr"`
}

type rssItem struct {
	Title string `xml:"title"`
	Link  string `xml:"link"`
	GUID  struct {
		PermaLink bool   `xml:"isPermaLink,attr"`
		ID        string `xml:",chardata"`
	} `xml:"guid"`
	Date        string        `xml:"pubDate"`
	Creator     string        `xml:"dc:creator"`
	Categories  []string      `xml:"category"`
	Description string        `xml:"description"`
	Content     string        `xml:"content:encoded"`
	Updated     string        `xml:"atom:updated"`
	Enclosure   *rssEnclosure `xml:"enclosure"`
}

func rss(f feed) ([]byte, error) {
	type channel struct {
		Title       string    `xml:"title"`
		Link        string    `xml:"link"`
		Description string    `xml:"description"`
		Language    string    `xml:"language"`
		Copyright   string    `xml:"copyright,omitempty"`
		Built       string    `xml:"lastBuildDate,omitempty"`
		Links       []link    `xml:"atom:link"`
		Items       []rssItem `xml:"item"`
	}
	c := channel{Title: f.Title, Link: f.Home, Description: f.Title, Language: "zh-CN", Copyright: f.Copyright, Links: f.links()}
	if f.Updated != 0 {
		c.Built = f.Updated.Time().Format(time.RFC1123Z)
	}
	for _, e := range f.Entries {
		i := rssItem{Title: e.Title, Link: e.URL, Date: e.Published.Time().Format(time.RFC1123Z), Creator: e.Author,
			Categories: e.Categories, Description: e.Lead, Content: e.HTML, Updated: e.Updated.String()}
		i.GUID.ID = e.ID
		if kind := pictureType(e.Cover); kind != "" {
			i.Enclosure = &rssEnclosure{URL: e.Cover, Type: kind}
		}
		c.Items = append(c.Items, i)
	}
	return document(struct {
		XMLName xml.Name `xml:"rss"`
		Version string   `xml:"version,attr"`
		Atom    string   `xml:"xmlns:atom,attr"`
		DC      string   `xml:"xmlns:dc,attr"`
		Content string   `xml:"xmlns:content,attr"`
		Channel channel  `xml:"channel"`
	}{Version: "2.0", Atom: "http://www.w3.org/2005/Atom", DC: "http://purl.org/dc/elements/1.1/",
		Content: "http://purl.org/rss/1.0/modules/content/", Channel: c})
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

type atomEntry struct {
	ID         string         `xml:"id"`
	Title      string         `xml:"title"`
	Links      []link         `xml:"link"`
	Published  string         `xml:"published"`
	Updated    string         `xml:"updated"`
	Author     string         `xml:"author>name"`
	Categories []atomCategory `xml:"category"`
	Summary    string         `xml:"summary,omitempty"`
	Content    atomText       `xml:"content"`
}

func atom(f feed) ([]byte, error) {
	root := struct {
		XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Lang    string      `xml:"xml:lang,attr"`
		ID      string      `xml:"id"`
		Title   string      `xml:"title"`
		Updated string      `xml:"updated"`
		Rights  string      `xml:"rights,omitempty"`
		Links   []link      `xml:"link"`
		Entries []atomEntry `xml:"entry"`
	}{Lang: "zh-CN", ID: f.ID, Title: f.Title, Updated: f.Updated.String(), Rights: f.Copyright,
		Links: append(f.links(), link{Rel: "alternate", Href: f.Home})}
	for _, e := range f.Entries {
		a := atomEntry{ID: e.ID, Title: e.Title, Links: []link{{Rel: "alternate", Href: e.URL}}, Published: e.Published.String(),
			Updated: e.Updated.String(), Author: e.Author, Summary: e.Lead, Content: atomText{"html", e.HTML}}
		for _, c := range e.Categories {
			a.Categories = append(a.Categories, atomCategory{c})
		}
		if e.Cover != "" {
			a.Links = append(a.Links, link{Rel: "enclosure", Href: e.Cover, Type: pictureType(e.Cover)})
		}
		root.Entries = append(root.Entries, a)
	}
	return document(root)
}

func jsonFeed(f feed) ([]byte, error) {
	type author struct {
		Name string `json:"name"`
	}
	type item struct {
		ID        string          `json:"id"`
		URL       string          `json:"url"`
		Title     string          `json:"title"`
		HTML      string          `json:"content_html"`
		Summary   string          `json:"summary,omitempty"`
		Image     string          `json:"image,omitempty"`
		Published instant.Instant `json:"date_published"`
		Modified  instant.Instant `json:"date_modified"`
		Authors   []author        `json:"authors"`
		Tags      []string        `json:"tags,omitempty"`
	}
	items := make([]item, len(f.Entries))
	for i, e := range f.Entries {
		items[i] = item{e.ID, e.URL, e.Title, e.HTML, e.Lead, e.Cover, e.Published, e.Updated, []author{{e.Author}}, e.Categories}
	}
	return json.Marshal(struct {
		Version  string `json:"version"`
		Title    string `json:"title"`
		Home     string `json:"home_page_url"`
		Self     string `json:"feed_url"`
		Next     string `json:"next_url,omitempty"`
		Language string `json:"language"`
		Items    []item `json:"items"`
	}{"https://jsonfeed.org/version/1.1", f.Title, f.Home, f.Self, f.Next, "zh-CN", items})
}
