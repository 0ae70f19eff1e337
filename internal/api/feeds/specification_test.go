package feeds_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/mail"
	"net/url"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// element is an XML element with everything in it.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []element  `xml:",any"`
}

func (e element) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (e element) all(space, name string) (list []element) {
	for _, c := range e.Children {
		if c.XMLName == (xml.Name{Space: space, Local: name}) {
			list = append(list, c)
		}
	}
	return list
}

// rules collects the violations of a specification.
type rules struct{ broken []string }

func (r *rules) want(fine bool, format string, args ...any) {
	if !fine {
		r.broken = append(r.broken, fmt.Sprintf(format, args...))
	}
}

// one expects exactly one child and returns its text.
func (r *rules) one(e element, space, name string) string {
	list := e.all(space, name)
	r.want(len(list) == 1, "%s has %d %s", e.XMLName.Local, len(list), name)
	if len(list) == 0 {
		return ""
	}
	return list[0].Text
}

func (r *rules) address(text string) {
	u, err := url.Parse(text)
	r.want(err == nil && u.IsAbs(), "%q is no absolute address", text)
}

func (r *rules) moment(layout, text string) {
	_, err := time.Parse(layout, text)
	r.want(err == nil, "%q is no time: %v", text, err)
}

const atomSpace = "http://www.w3.org/2005/Atom"

// atomRules checks sections 4.1 and 4.2 of RFC 4287.
func atomRules(text string) (r rules) {
	var feed element
	r.want(xml.Unmarshal([]byte(text), &feed) == nil, "it is not well-formed")
	r.want(feed.XMLName == xml.Name{Space: atomSpace, Local: "feed"}, "the root is %v", feed.XMLName)
	feedOrEntry := func(e element) (id string) {
		id = r.one(e, atomSpace, "id")
		r.address(id)
		r.want(r.one(e, atomSpace, "title") != "", "an empty title")
		r.moment(time.RFC3339, r.one(e, atomSpace, "updated"))
		alternates := map[string]bool{}
		for _, l := range e.all(atomSpace, "link") {
			r.address(l.attr("href"))
			if rel := l.attr("rel"); rel == "alternate" {
				key := l.attr("type") + " " + l.attr("hreflang")
				r.want(!alternates[key], "two alternates")
				alternates[key] = true
			}
		}
		r.want(len(alternates) > 0, "no alternate link")
		return id
	}
	feedOrEntry(feed)
	seen := map[string]bool{}
	for _, e := range feed.all(atomSpace, "entry") {
		id := feedOrEntry(e)
		r.want(!seen[id], "%s comes twice", id)
		seen[id] = true
		r.moment(time.RFC3339, r.one(e, atomSpace, "published"))
		for _, a := range e.all(atomSpace, "author") {
			r.want(r.one(a, atomSpace, "name") != "", "an author without a name")
		}
		r.want(len(e.all(atomSpace, "author")) > 0, "no author")
		r.one(e, atomSpace, "content")
		r.want(len(e.all(atomSpace, "summary")) <= 1, "several summaries")
		for _, c := range e.all(atomSpace, "category") {
			r.want(c.attr("term") != "", "a category without a term")
		}
	}
	return r
}

// rssRules checks RSS 2.0.11, and the RSS Advisory Board's profile of enclosures and the
// address of the feed itself.
func rssRules(text string) (r rules) {
	var feed element
	r.want(xml.Unmarshal([]byte(text), &feed) == nil, "it is not well-formed")
	r.want(feed.XMLName == xml.Name{Local: "rss"} && feed.attr("version") == "2.0", "the root is %v", feed.XMLName)
	channels := feed.all("", "channel")
	if len(channels) != 1 {
		r.want(false, "%d channels", len(channels))
		return r
	}
	channel, self, seen := channels[0], 0, map[string]bool{}
	r.want(r.one(channel, "", "title") != "" && r.one(channel, "", "description") != "", "no title or description")
	r.address(r.one(channel, "", "link"))
	for _, l := range channel.all(atomSpace, "link") {
		r.address(l.attr("href"))
		if l.attr("rel") == "self" {
			self++
		}
	}
	r.want(self == 1, "%d links to itself", self)
	for _, i := range channel.all("", "item") {
		r.want(r.one(i, "", "title") != "", "an item without a title")
		r.address(r.one(i, "", "link"))
		id := r.one(i, "", "guid")
		r.want(id != "" && !seen[id], "the guid %q comes twice", id)
		seen[id] = true
		_, err := mail.ParseDate(r.one(i, "", "pubDate"))
		r.want(err == nil, "the date: %v", err)
		for _, e := range i.all("", "enclosure") {
			r.address(e.attr("url"))
			r.want(e.attr("length") != "" && e.attr("type") != "", "an enclosure without length or type")
		}
	}
	return r
}

// jsonRules checks JSON Feed 1.1.
func jsonRules(text string) (r rules) {
	var feed struct {
		Version, Title string
		Home           string `json:"home_page_url"`
		Self           string `json:"feed_url"`
		Items          *[]map[string]any
	}
	r.want(json.Unmarshal([]byte(text), &feed) == nil, "it is not JSON")
	r.want(feed.Version == "https://jsonfeed.org/version/1.1", "version %q", feed.Version)
	r.want(feed.Title != "" && feed.Items != nil, "no title or items")
	r.address(feed.Home)
	r.address(feed.Self)
	if feed.Items == nil {
		return r
	}
	seen := map[any]bool{}
	for _, i := range *feed.Items {
		id, _ := i["id"].(string)
		r.want(id != "" && !seen[id], "the id %q comes twice", id)
		seen[id] = true
		html, _ := i["content_html"].(string)
		r.want(html != "", "an item without content")
		for _, name := range []string{"url", "image", "external_url"} {
			if address, there := i[name].(string); there {
				r.address(address)
			}
		}
		for _, name := range []string{"date_published", "date_modified"} {
			at, _ := i[name].(string)
			r.moment(time.RFC3339, at)
		}
		for _, a := range i["authors"].([]any) {
			r.want(len(a.(map[string]any)) > 0, "an empty author")
		}
	}
	return r
}

// TestSpecifications checks the feeds against their specifications: empty ones, several pages,
// and articles with all optional elements and with none.
func TestSpecifications(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s, apptest.WithBaseURL)
		p.GivePages()
		news, house := p.Category("行业新闻", "news", nil), p.Publisher("林小满", false)
		p.Category("空", "empty", nil)
		author, cover, text := "老葛", "/media/cover.jpg", "一 <b>二</b> & ]]> 三\n\n![院子](/media/yard.jpg)"
		for i := range 40 {
			in := article.CreateInput{Title: fmt.Sprintf("甲 <%d> & ]]> 丙", i), Category: news.ID, Publisher: &house.ID}
			if i%2 == 0 {
				in.Author, in.Cover, in.Tags, in.Sponsored, in.AIGenerated = &author, &cover, []string{"助 餐/点", "<&>"}, true, true
				in.Body = article.BodyInput{Markdown: &text}
			}
			p.Article(in, s.Clock().Add(-time.Duration(i)*time.Hour))
		}
		check := map[string]func(string) rules{"rss.xml": rssRules, "atom.xml": atomRules, "feed.json": jsonRules}
		for _, path := range []string{"", "category/news/", "category/empty/", "tag/%3C&%3E/", "tag/none/"} {
			for _, file := range feedFiles {
				if r, body := p.Fetch("GET", "/feeds/"+path+file); r.StatusCode != 200 {
					t.Errorf("%s%s: %d", path, file, r.StatusCode)
				} else if broken := check[file](body).broken; len(broken) > 0 {
					t.Errorf("%s%s: %q\n%s", path, file, broken, body)
				}
			}
		}
	})
}
