package article

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/htmlin"
	"github.com/tonggao/tonggao/internal/body/mdin"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
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
	maxReason = 500
	maxURL    = 2048
	maxTags   = 20
	maxTag    = 30
	maxMarkup = 1 << 20 // bytes
	leadSize  = 200
)

// contentOf returns what an editor can change of a stored article.
func contentOf(a *ent.Article, b *ent.Body) (Content, error) {
	doc, err := body.Load([]byte(b.Document))
	if err != nil {
		return Content{}, fmt.Errorf("read the document of %s: %w", a.ID, err)
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
	c.Region = regionOf(a)
	return c, nil
}

// regionOf returns the id of the region of a; "" for none.
func regionOf(a *ent.Article) optional.String {
	if a.RegionID == nil {
		return ""
	}
	return optional.String(*a.RegionID)
}

// content returns the new draft that in describes.
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

// change applies in to c.
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

// set sets to to what from points to; nil changes nothing.
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

// document parses the one form of the text that is given.
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
	if in.HTML != nil && len(*in.HTML) > maxMarkup {
		bad.Add("TOO_LONG", "body.html", "at most 1 MiB of HTML; split the article")
	}
	if in.Markdown != nil && len(*in.Markdown) > maxMarkup {
		bad.Add("TOO_LONG", "body.markdown", "at most 1 MiB of Markdown; split the article")
	}
	if *bad != nil {
		return body.Document{}
	}
	doc, _, err := in.read()
	if err != nil {
		field := map[bool]string{true: "html", false: "document"}[in.HTML != nil]
		if in.Markdown != nil {
			field = "markdown"
		}
		bad.Add("INVALID", "body."+field, "%v", err)
	}
	return doc
}

// read parses the form that is given.
func (in BodyInput) read() (body.Document, []body.Note, error) {
	switch {
	case in.HTML != nil:
		return htmlin.Read(*in.HTML, "")
	case in.Markdown != nil:
		return mdin.Read(*in.Markdown)
	}
	doc, err := body.Parse(in.Document)
	return doc, nil, err
}

// Notes returns the parts of a text, which must be valid, that its document does not have.
func (in BodyInput) Notes() []body.Note {
	_, notes, _ := in.read()
	return notes
}

// check tidies c and adds to bad what is wrong with it.
func (c *Content) check(bad *fault.Invalid) {
	line := func(field string, value *optional.String, max int) {
		*value = optional.String(input.Line(bad, field, string(*value), 0, max))
	}
	c.Title = input.Line(bad, "title", c.Title, 1, maxTitle)
	line("subtitle", &c.Subtitle, maxTitle)
	line("lead", &c.Lead, maxLead)
	line("author", &c.Author, maxName)
	line("source.name", &c.SourceName, maxName)
	line("source.url", &c.SourceURL, maxURL)
	line("cover", &c.Cover, maxURL)
	checkURL(bad, "source.url", string(c.SourceURL), body.ForLink)
	checkURL(bad, "cover", string(c.Cover), body.ForImage)
	c.canonise()
	if c.SourceURL != "" && c.SourceName == "" {
		bad.Add("REQUIRED", "source.name", "an address needs the name of its source")
	}
	if c.Slug != "" {
		if err := slug.Check(c.Slug); err != nil {
			bad.Add("INVALID", "slug", "%v", err)
		}
	}
	c.checkTags(bad)
	c.checkReferences(bad)
	if c.Terminals = terminal.SetOf(c.Terminals...).List(); len(c.Terminals) == 0 {
		bad.Add("INVALID", "terminals", "name at least one terminal, or leave them out for all")
	}
}

// checkURL adds to bad what is wrong with a web address; a picture may also be named
// by its path on this site.
func checkURL(bad *fault.Invalid, field, value string, use body.Use) {
	if value == "" {
		return
	}
	clean, ok := body.SafeURL(value, use)
	onSite := use == body.ForImage && strings.HasPrefix(clean, "/")
	absolute := value[0] != '/' && value[0] != '\\' && strings.HasPrefix(clean, "http")
	if !ok || !onSite && !absolute || len(value) > maxURL {
		orPath := map[body.Use]string{body.ForImage: ", or a path on this site such as /media/a.jpg,"}[use]
		bad.Add("INVALID", field, "must be an http or https address%s of at most %d bytes", orPath, maxURL)
	}
}

// checkTags drops empty and repeated tags, and adds to bad what is wrong with the others.
func (c *Content) checkTags(bad *fault.Invalid) {
	tags := make([]string, 0, len(c.Tags))
	for i, tag := range c.Tags {
		if tag = input.Line(bad, fmt.Sprintf("tags.%d", i), tag, 0, maxTag); tag != "" && !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	if c.Tags = tags; len(tags) > maxTags {
		bad.Add("TOO_LONG", "tags", "at most %d tags, not %d", maxTags, len(tags))
	}
}

// checkReferences adds to bad what cannot be the id of a category, publisher or region.
func (c *Content) checkReferences(bad *fault.Invalid) {
	for _, ref := range []struct {
		field, id string
		kind      typeid.Kind
		optional  bool
	}{
		{"category", c.Category, typeid.Category, false},
		{"publisher", c.Publisher, typeid.Publisher, false},
		{"region", string(c.Region), typeid.Region, true},
	} {
		switch {
		case ref.id == "" && !ref.optional:
			bad.Add("REQUIRED", ref.field, "must be given")
		case ref.id != "" && !typeid.Is(ref.kind, ref.id):
			bad.Add("UNKNOWN", ref.field, "there is no such %s", ref.field)
		}
	}
}

// JSON returns c as revisions keep it.
func (c Content) JSON() string {
	text, _ := json.Marshal(c) // strings, booleans and a document always marshal
	return string(text)
}
