package wxr

import (
	"encoding/xml"
	"html"
	"strings"
	"time"

	"github.com/tonggao/tonggao/internal/body/htmlin"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/sync/importer/record"
)

// item is a post, a page, an attachment or something else. Elements are matched by their
// names without the namespace, which differs between versions.
type item struct {
	Titles        []element `xml:"title"`
	Links         []element `xml:"link"`
	Creator       string    `xml:"creator"`
	Encoded       []element `xml:"encoded"` // of the content, and of the excerpt
	ID            string    `xml:"post_id"`
	Date          string    `xml:"post_date"`
	DateGMT       string    `xml:"post_date_gmt"`
	Modified      string    `xml:"post_modified"`
	ModifiedGMT   string    `xml:"post_modified_gmt"`
	CommentStatus string    `xml:"comment_status"`
	Name          string    `xml:"post_name"`
	Status        string    `xml:"status"`
	Parent        string    `xml:"post_parent"`
	Type          string    `xml:"post_type"`
	Password      string    `xml:"post_password"`
	Sticky        string    `xml:"is_sticky"`
	AttachmentURL string    `xml:"attachment_url"`
	Categories    []label   `xml:"category"`
	Meta          []meta    `xml:"postmeta"`
	Comments      []comment `xml:"comment"`
}

type element struct {
	XMLName xml.Name
	Text    string `xml:",chardata"`
}

type label struct {
	Domain string `xml:"domain,attr"`
	Slug   string `xml:"nicename,attr"`
	Name   string `xml:",chardata"`
}

type meta struct {
	Key   string `xml:"meta_key"`
	Value string `xml:"meta_value"`
}

type comment struct {
	ID       string `xml:"comment_id"`
	Author   string `xml:"comment_author"`
	IP       string `xml:"comment_author_IP"`
	Date     string `xml:"comment_date"`
	DateGMT  string `xml:"comment_date_gmt"`
	Content  string `xml:"comment_content"`
	Approved string `xml:"comment_approved"`
	Type     string `xml:"comment_type"`
	Parent   string `xml:"comment_parent"`
}

// plain returns the text of the element that has no namespace, or one with that in its name.
func plain(list []element, namespace string) string {
	for _, e := range list {
		if namespace == "" && e.XMLName.Space == "" || namespace != "" && strings.Contains(e.XMLName.Space, namespace) {
			return e.Text
		}
	}
	return ""
}

func unescape(text string) string { return strings.TrimSpace(html.UnescapeString(text)) }

// item yields the article of a post or page and its comments, or counts another item.
func (r *reader) item(i *item) error {
	switch i.Type {
	case "post", "page", "":
	case "attachment":
		return nil // known from the first reading
	default:
		r.others[i.Type]++
		return nil
	}
	if i.Status == "auto-draft" {
		return nil
	}
	if err := r.author(author{Login: i.Creator}); err != nil {
		return err
	}
	a, err := r.article(i)
	if err != nil {
		return err
	}
	if err := r.yield(a); err != nil {
		return err
	}
	for n := range i.Comments {
		if c := i.Comments[n].record(a.Key); c != nil {
			if err := r.yield(c); err != nil {
				return err
			}
		}
	}
	return nil
}

// article returns the article of an item.
func (r *reader) article(i *item) (*record.Article, error) {
	a := &record.Article{Common: record.Common{Key: "article/" + i.ID, Where: "post " + i.ID}, Format: record.WordPress,
		Title: unescape(plain(i.Titles, "")), Slug: i.Name, Base: strings.TrimSpace(plain(i.Links, "")), CommentsClosed: i.CommentStatus == "closed",
		PublishedAt: moment(i.DateGMT, i.Date), UpdatedAt: moment(i.ModifiedGMT, i.Modified), Paths: []string{"/?p=" + i.ID}}
	if i.Creator != "" {
		a.Publisher = "publisher/" + i.Creator
	}
	if a.Base != "" {
		a.Paths = append(a.Paths, a.Base)
	} else {
		a.Base = r.address
	}
	a.Lead = excerpt(plain(i.Encoded, "excerpt"))
	a.Text = r.text(i, a, plain(i.Encoded, "content"))
	if i.Sticky == "1" {
		a.Facts = map[string]string{"sticky": "1"}
	}
	for _, m := range i.Meta {
		if file := r.files[m.Value]; m.Key == "_thumbnail_id" && file != "" {
			a.Cover = file
		} else if m.Key == "_thumbnail_id" && m.Value != "" {
			a.Lost = append(a.Lost, "the attachment "+m.Value+", its cover, is not in the file")
		}
	}
	i.status(a)
	return a, r.labels(i, a)
}

func (i *item) status(a *record.Article) {
	switch i.Status {
	case "publish", "future":
		a.Status = record.Published
	case "private", "trash":
		a.Status = record.Hidden
	default:
		a.Status = record.Draft
	}
	if i.Password != "" && a.Status == record.Published {
		a.Status = record.Hidden
		a.Lost = append(a.Lost, "it has a password, which articles do not have here, so it is not published")
	}
}

// labels sets the category and the tags; further categories become tags.
func (r *reader) labels(i *item, a *record.Article) error {
	for _, l := range i.Categories {
		name := unescape(l.Name)
		switch l.Domain {
		case "category", "":
			if err := r.category(&term{Slug: l.Slug, Name: name}); err != nil {
				return err
			}
			switch key := "category/" + l.Slug; {
			case a.Category == "" || a.Category == "category/uncategorized":
				a.Category = key
			case l.Slug != "uncategorized":
				a.Tags = append(a.Tags, name)
				a.Lost = append(a.Lost, "it is in one category here; "+name+" is a tag of it")
			}
		case "post_tag", "tag":
			a.Tags = append(a.Tags, name)
		case "post_format":
		default:
			a.Lost = append(a.Lost, "the "+l.Domain+" "+name+" has no place here")
		}
	}
	return nil
}

// record returns a comment; nil for a notification of another site.
func (c *comment) record(article string) record.Record {
	out := &record.Comment{Common: record.Common{Key: "comment/" + c.ID, Where: "comment " + c.ID}, Article: article, Author: unescape(c.Author), Text: c.Content,
		CreatedAt: moment(c.DateGMT, c.Date), OriginAddress: strings.TrimSpace(c.IP)}
	if c.Type == "pingback" || c.Type == "trackback" {
		out.Lost = []string{"a " + c.Type + " has no place here: " + out.Author}
		return &record.Note{Common: out.Common}
	}
	if c.Parent != "" && c.Parent != "0" {
		out.Parent = "comment/" + c.Parent
	}
	switch c.Approved {
	case "1":
		out.Status = record.Published
	case "0":
		out.Status = record.Pending
	default:
		out.Status = record.Rejected
	}
	return out
}

// excerpt returns an excerpt as text.
func excerpt(text string) string {
	if strings.ContainsAny(text, "<&") {
		if doc, err := htmlin.Parse(text); err == nil {
			return render.Text(doc)
		}
	}
	return strings.TrimSpace(text)
}

// moment returns a time: of the first text, which is in UTC, or of the second, in
// Asia/Shanghai; 0 where both are empty or 0000-00-00, as drafts have them.
func moment(utc, local string) instant.Instant {
	for _, form := range []struct {
		text string
		zone *time.Location
	}{{utc, time.UTC}, {local, instant.Zone}} {
		if t, err := time.ParseInLocation("2006-01-02 15:04:05", strings.TrimSpace(form.text), form.zone); err == nil && t.Year() > 0 {
			return instant.Of(t)
		}
	}
	return 0
}
