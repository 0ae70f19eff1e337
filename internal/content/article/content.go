package article

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/htmlin"
	"github.com/tonggao/tonggao/internal/body/mdin"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/slug"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
)

// Content is everything of an article that an editor can change. Its JSON is
// what revisions and the change log keep.
type Content struct {
	Slug         string              `json:"slug"`
	Title        string              `json:"title"`
	Subtitle     optional.String     `json:"subtitle"`
	Lead         optional.String     `json:"lead"` // empty: the beginning of the text
	Author       optional.String     `json:"author"`
	SourceName   optional.String     `json:"sourceName"`
	SourceURL    optional.String     `json:"sourceUrl"`
	Cover        optional.String     `json:"cover"`
	Tags         []string            `json:"tags"`
	AIGenerated  bool                `json:"aiGenerated"`
	Sponsored    bool                `json:"sponsored"`
	CommentsOpen bool                `json:"commentsOpen"`
	Terminals    []terminal.Terminal `json:"terminals"`
	Category     string              `json:"category"`
	Region       optional.String     `json:"region"`
	Publisher    string              `json:"publisher"`
	Body         body.Document       `json:"body"`
}

// Limits of what editors may write, in characters.
const (
	maxTitle  = 200
	maxLead   = 1000
	maxName   = 100
	maxURL    = 2048
	maxTags   = 20
	maxTag    = 30
	maxMarkup = 1 << 20 // bytes
	leadSize  = 200
)

// contentOf is what an editor can change of a stored article.
func contentOf(a *ent.Article, b *ent.Body) (Content, error) {
	doc, err := body.Load([]byte(b.Document))
	if err != nil {
		return Content{}, err
	}
	c := Content{
		Slug: a.Slug, Title: a.Title, Subtitle: a.Subtitle, Author: a.Author,
		SourceName: optional.String(a.SourceName), SourceURL: a.SourceURL, Cover: a.Cover, Tags: a.Tags,
		AIGenerated: a.AiGenerated, Sponsored: a.Sponsored, CommentsOpen: a.CommentsOpen,
		Terminals: a.Terminals.List(), Category: a.CategoryID, Publisher: a.PublisherID, Body: doc,
	}
	if !a.LeadAuto {
		c.Lead = optional.String(a.Lead)
	}
	if a.RegionID != nil {
		c.Region = optional.String(*a.RegionID)
	}
	return c, nil
}

// content is the new draft that in describes.
func (in CreateInput) content(bad *fault.Invalid) Content {
	c := Content{
		Title: in.Title, Category: in.Category, Tags: in.Tags, AIGenerated: in.AIGenerated,
		Sponsored: in.Sponsored, CommentsOpen: in.CommentsOpen, Terminals: in.Terminals,
		Body: in.Body.document(bad),
	}
	set(&c.Publisher, in.Publisher)
	set(&c.Region, in.Region)
	set(&c.Slug, in.Slug)
	set(&c.Subtitle, in.Subtitle)
	set(&c.Lead, in.Lead)
	set(&c.Author, in.Author)
	set(&c.Cover, in.Cover)
	c.setSource(in.Source)
	if in.Terminals == nil {
		c.Terminals = terminal.All()
	}
	return c
}

// change makes in's changes to c.
func (c *Content) change(in UpdateInput, bad *fault.Invalid) {
	set(&c.Title, in.Title)
	set(&c.Category, in.Category)
	set(&c.Publisher, in.Publisher)
	set(&c.Region, in.Region)
	set(&c.Slug, in.Slug)
	set(&c.Subtitle, in.Subtitle)
	set(&c.Lead, in.Lead)
	set(&c.Author, in.Author)
	set(&c.Cover, in.Cover)
	set(&c.AIGenerated, in.AIGenerated)
	set(&c.Sponsored, in.Sponsored)
	set(&c.CommentsOpen, in.CommentsOpen)
	c.setSource(in.Source)
	if in.Tags != nil {
		c.Tags = in.Tags
	}
	if in.Terminals != nil {
		c.Terminals = in.Terminals
	}
	if in.Body != nil {
		c.Body = in.Body.document(bad)
	}
}

func (c *Content) setSource(in *SourceInput) {
	if in == nil {
		return
	}
	c.SourceName, c.SourceURL = optional.String(in.Name), ""
	set(&c.SourceURL, in.URL)
}

// set changes to what the input gives, if it gives anything.
func set[T, V string | optional.String | bool](to *T, from *V) {
	if from == nil {
		return
	}
	switch to := any(to).(type) {
	case *string:
		*to = any(*from).(string)
	case *optional.String:
		*to = optional.String(any(*from).(string))
	case *bool:
		*to = any(*from).(bool)
	}
}

// document parses the one form that is given.
func (in BodyInput) document(bad *fault.Invalid) body.Document {
	forms := 0
	for _, given := range []bool{len(in.Document) > 0 && string(in.Document) != "null", in.HTML != nil, in.Markdown != nil} {
		if given {
			forms++
		}
	}
	if forms != 1 {
		bad.Add("INVALID", "body", "give the text in exactly one form: document, html or markdown")
		return body.Document{}
	}
	var doc body.Document
	var err error
	field := "document"
	switch {
	case in.HTML != nil:
		field = "html"
		if doc, err = htmlin.Parse(*in.HTML); len(*in.HTML) > maxMarkup {
			bad.Add("TOO_LONG", "body.html", "at most 1 MiB of HTML; split the article")
		}
	case in.Markdown != nil:
		field = "markdown"
		if doc, err = mdin.Parse(*in.Markdown); len(*in.Markdown) > maxMarkup {
			bad.Add("TOO_LONG", "body.markdown", "at most 1 MiB of Markdown; split the article")
		}
	default:
		doc, err = body.Parse(in.Document)
	}
	if err != nil {
		bad.Add("INVALID", "body."+field, "%v", err)
	}
	return doc
}

// check tidies c and says what is wrong with it.
func (c *Content) check(bad *fault.Invalid) {
	c.tidy()
	text := func(field, value string, least, most int) {
		switch n := utf8.RuneCountInString(value); {
		case n == 0 && least > 0:
			bad.Add("REQUIRED", field, "must not be empty")
		case n > most:
			bad.Add("TOO_LONG", field, "has %d characters; at most %d fit", n, most)
		case strings.ContainsFunc(value, unicode.IsControl):
			bad.Add("INVALID", field, "contains control characters; remove them")
		}
	}
	text("title", c.Title, 1, maxTitle)
	text("subtitle", string(c.Subtitle), 0, maxTitle)
	text("lead", string(c.Lead), 0, maxLead)
	text("author", string(c.Author), 0, maxName)
	text("source.name", string(c.SourceName), 0, maxName)
	address := func(field string, value optional.String, use body.Use) {
		if value == "" {
			return
		}
		clean, ok := body.SafeURL(string(value), use)
		rooted := use == body.ForImage && strings.HasPrefix(clean, "/")
		whole := value[0] != '/' && value[0] != '\\' && strings.HasPrefix(clean, "http")
		if !ok || !rooted && !whole || len(value) > maxURL {
			bad.Add("INVALID", field, "must be an http or https address%s of at most %d bytes", map[body.Use]string{body.ForImage: ", or a path on this site such as /media/a.jpg,"}[use], maxURL)
		}
	}
	address("source.url", c.SourceURL, body.ForLink)
	address("cover", c.Cover, body.ForImage)
	if c.SourceURL != "" && c.SourceName == "" {
		bad.Add("REQUIRED", "source.name", "an address needs the name of its source")
	}
	if c.Slug != "" {
		if err := slug.Check(c.Slug); err != nil {
			bad.Add("INVALID", "slug", "%v", err)
		}
	}
	c.checkTags(bad)
	c.checkPlaces(bad)
}

func (c *Content) tidy() {
	for _, s := range []*optional.String{&c.Subtitle, &c.Lead, &c.Author, &c.SourceName, &c.SourceURL, &c.Cover, &c.Region} {
		*s = optional.String(strings.TrimSpace(string(*s)))
	}
	c.Title = strings.TrimSpace(c.Title)
	tags := make([]string, 0, len(c.Tags))
	for _, tag := range c.Tags {
		if tag = strings.TrimSpace(tag); tag != "" && !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	c.Tags = tags
	c.Terminals = terminal.SetOf(c.Terminals...).List()
}

func (c *Content) checkTags(bad *fault.Invalid) {
	if len(c.Tags) > maxTags {
		bad.Add("TOO_LONG", "tags", "at most %d tags, not %d", maxTags, len(c.Tags))
	}
	for _, tag := range c.Tags {
		if utf8.RuneCountInString(tag) > maxTag || strings.ContainsFunc(tag, unicode.IsControl) {
			bad.Add("INVALID", "tags", "the tag %.40q is too long or has control characters; a tag has at most %d characters", tag, maxTag)
		}
	}
}

func (c *Content) checkPlaces(bad *fault.Invalid) {
	for _, place := range []struct {
		field, id string
		kind      typeid.Kind
		optional  bool
	}{
		{"category", c.Category, typeid.Category, false},
		{"publisher", c.Publisher, typeid.Publisher, false},
		{"region", string(c.Region), typeid.Region, true},
	} {
		switch {
		case place.id == "" && !place.optional:
			bad.Add("REQUIRED", place.field, "must be given")
		case place.id != "" && !typeid.Is(place.kind, place.id):
			bad.Add("UNKNOWN", place.field, "there is no such %s", place.field)
		}
	}
	if len(c.Terminals) == 0 {
		bad.Add("INVALID", "terminals", "name at least one terminal, or leave them out for all")
	}
}

// JSON is c as revisions keep it.
func (c Content) JSON() string {
	text, _ := json.Marshal(c) // strings, booleans and a document always marshal
	return string(text)
}
