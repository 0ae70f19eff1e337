package feeds

import (
	"encoding/json"
	"encoding/xml"
	"mime"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/instant"
)

type link struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
	Type string `xml:"type,attr,omitempty"`
}

// links returns the links between the pages of a feed (RFC 5005).
func (f feed) links() []link {
	list := []link{{Rel: "self", Href: f.Self}, {Rel: "first", Href: f.First}}
	if f.Next != "" {
		list = append(list, link{Rel: "next", Href: f.Next})
	}
	return list
}

// xmlDocument returns root as an XML document.
func xmlDocument(root any) ([]byte, error) {
	text, err := xml.Marshal(root)
	return append([]byte(xml.Header), text...), err
}

// mediaType returns the media type of a file by the extension of its address; empty if it
// has none.
func mediaType(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	kind, _, _ := strings.Cut(mime.TypeByExtension(path.Ext(u.Path)), ";")
	return kind
}

// pictureType does the same for pictures only.
func pictureType(address string) string {
	if kind := mediaType(address); strings.HasPrefix(kind, "image/") {
		return kind
	}
	return ""
}

type rssEnclosure struct {
	URL    string `xml:"url,attr"`
	Length int    `xml:"length,attr"` // 0: unknown, as the RSS Advisory Board recommends
	Type   string `xml:"type,attr"`
}

type rssItem struct {
	Title string `xml:"title"`
	Link  string `xml:"link,omitempty"`
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

// rss formats f as RSS 2.0.
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
		if len(e.Media) > 0 { // readers expect one enclosure at most
			i.Enclosure = &rssEnclosure{URL: e.Media[0].URL, Type: e.Media[0].Type}
		}
		c.Items = append(c.Items, i)
	}
	return xmlDocument(struct {
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

// atom formats f as Atom (RFC 4287).
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
		a := atomEntry{ID: e.ID, Title: e.Title, Published: e.Published.String(),
			Updated: e.Updated.String(), Author: e.Author, Summary: e.Lead, Content: atomText{"html", e.HTML}}
		if e.URL != "" {
			a.Links = append(a.Links, link{Rel: "alternate", Href: e.URL})
		}
		for _, c := range e.Categories {
			a.Categories = append(a.Categories, atomCategory{c})
		}
		if e.Cover != "" {
			a.Links = append(a.Links, link{Rel: "enclosure", Href: e.Cover, Type: pictureType(e.Cover)})
		}
		for _, m := range e.Media {
			a.Links = append(a.Links, link{Rel: "enclosure", Href: m.URL, Type: m.Type})
		}
		root.Entries = append(root.Entries, a)
	}
	return xmlDocument(root)
}

// jsonFeed formats f as JSON Feed 1.1.
func jsonFeed(f feed) ([]byte, error) {
	type author struct {
		Name string `json:"name"`
	}
	type item struct {
		ID        string          `json:"id"`
		URL       string          `json:"url,omitempty"`
		Title     string          `json:"title"`
		HTML      string          `json:"content_html"`
		Summary   string          `json:"summary,omitempty"`
		Image     string          `json:"image,omitempty"`
		Published instant.Instant `json:"date_published"`
		Modified  instant.Instant `json:"date_modified"`
		Authors   []author        `json:"authors"`
		Tags      []string        `json:"tags,omitempty"`
		Media     []medium        `json:"attachments,omitempty"`
	}
	items := make([]item, len(f.Entries))
	for i, e := range f.Entries {
		items[i] = item{e.ID, e.URL, e.Title, e.HTML, e.Lead, e.Cover, e.Published, e.Updated, []author{{e.Author}}, e.Categories, e.Media}
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
