package feeds

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tonggao/tonggao/ent"
	entbody "github.com/tonggao/tonggao/ent/body"
	entregion "github.com/tonggao/tonggao/ent/region"
	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/pagination"
)

// The kinds of feeds, as in their paths.
const (
	byCategory = "category"
	byRegion   = "region"
	byTag      = "tag"
)

// pageSize counts the articles of a page of a feed.
const pageSize = 30

// source selects the articles of a feed.
type source struct {
	id, name, path string // path: without the file name
	filter         article.Filter
}

func (h *Handler) source(ctx context.Context, kind, name string) (source, error) {
	feed := terminal.Feed
	s := source{id: "site", path: "/feeds/", filter: article.Filter{Terminal: &feed}}
	if kind != "" {
		s.path += kind + "/" + url.PathEscape(name) + "/"
	}
	switch kind {
	case byCategory:
		c, err := h.Categories.Get(ctx, nil, &name)
		if err != nil {
			return s, err
		}
		s.id, s.name, s.filter.Category = c.ID, c.Name, &c.ID
	case byRegion:
		r, err := h.Store.Client(ctx).Region.Query().Where(entregion.Slug(name)).Only(ctx)
		if ent.IsNotFound(err) {
			return s, fault.New(fault.NotFound, "there is no such region")
		}
		if err != nil {
			return s, fmt.Errorf("find a region by its slug: %w", err)
		}
		s.id, s.name, s.filter.Region = r.ID, r.Name, &r.ID
	case byTag:
		s.id, s.name, s.filter.Tag = "tag:"+url.PathEscape(name), name, &name
	}
	return s, nil
}

// page is a page of a feed before its texts are read.
type page struct {
	source
	facts      site.Facts
	rows       []*ent.Article
	publishers map[string]*ent.Publisher
	categories map[string]*ent.Category
	next       *string // the cursor of the next page
	modified   instant.Instant
}

// page reads a page of a feed.
func (h *Handler) page(ctx context.Context, s source, after *string) (page, error) {
	p := page{source: s}
	size := pageSize
	list, err := h.Articles.List(ctx, &s.filter, "PUBLISHED_DESC", pagination.Request{First: &size, After: after})
	if err != nil {
		return p, err
	}
	var publishers, categories []string
	for _, edge := range list.Edges {
		p.rows = append(p.rows, edge.Node)
		publishers, categories = append(publishers, edge.Node.PublisherID), append(categories, edge.Node.CategoryID)
	}
	if list.PageInfo.HasNextPage {
		p.next = list.PageInfo.EndCursor()
	}
	if p.facts, err = h.Site.Get(ctx); err != nil {
		return p, err
	}
	if p.publishers, err = h.Publishers.ByIDsWithName(ctx, unique(publishers)); err != nil {
		return p, err
	}
	if p.categories, err = h.Categories.ByIDs(ctx, unique(categories)); err != nil {
		return p, err
	}
	p.modified, err = h.modified(ctx, p.facts, p.rows)
	return p, err
}

func unique(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}

// modified returns when a feed could last have changed: at the last entry of the change log,
// which covers articles that left the feed, a change of the site's facts, the start of the
// server, or the publication of an article. It returns 0 if that is so recent that more can
// happen in the same second, or that another replica may have changed facts that are cached
// here.
func (h *Handler) modified(ctx context.Context, facts site.Facts, rows []*ent.Article) (instant.Instant, error) {
	_, changed, err := changefeed.Newest(ctx, h.Store)
	if err != nil {
		return 0, err
	}
	at := max(h.started, facts.ChangedAt, changed)
	for _, a := range rows {
		at = max(at, a.ListedAt)
	}
	if now := h.Store.Clock(); now.Time().Truncate(time.Second).Before(at.Time().Add(site.CacheTTL + time.Second)) {
		return 0, nil
	}
	return at, nil
}

// etag returns the ETag of the page. It needs no texts: a text never changes without the
// version of its article.
func (p page) etag(base, file string) (string, error) {
	values := []any{file, base, p.name, p.facts, p.next}
	for _, a := range p.rows {
		values = append(values, a.ID, a.Version, a.UpdatedAt, a.ListedAt, p.publisher(a), p.category(a))
	}
	return hash(values...)
}

// publisher returns the public name of the publisher; empty if it was deleted in between.
func (p page) publisher(a *ent.Article) string {
	if found := p.publishers[a.PublisherID]; found != nil {
		return found.Name
	}
	return ""
}

func (p page) category(a *ent.Article) string {
	if c := p.categories[a.CategoryID]; c != nil {
		return c.Name
	}
	return ""
}

// entry is one article of a feed.
type entry struct {
	ID, URL, Title, Lead, HTML, Author, Cover string
	Published, Updated                        instant.Instant
	Categories                                []string
	Media                                     []medium
}

// medium is a video or sound of an article.
type medium struct {
	URL  string `json:"url"`
	Type string `json:"mime_type"`
}

// mediaOf returns the videos and sounds of a document.
func (h *Handler) mediaOf(d body.Document) (list []medium) {
	for _, n := range d.Media() {
		address := h.absolute(n.Src)
		kind := map[body.Kind]string{body.KindVideo: "video/mp4", body.KindAudio: "audio/mpeg"}[n.Kind]
		if known := mediaType(address); strings.HasPrefix(known, string(n.Kind)+"/") {
			kind = known
		}
		list = append(list, medium{address, kind})
	}
	return list
}

// entries reads the texts of a page and renders each article.
func (h *Handler) entries(ctx context.Context, p page) ([]entry, error) {
	ids := make([]string, len(p.rows))
	for i, a := range p.rows {
		ids[i] = a.ID
	}
	docs, err := h.Store.Client(ctx).Body.Query().Where(entbody.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the texts of a feed: %w", err)
	}
	texts := make(map[string]string, len(docs))
	for _, doc := range docs {
		texts[doc.ID] = doc.Document
	}
	list := make([]entry, 0, len(p.rows))
	for _, a := range p.rows {
		text, found := texts[a.ID]
		if !found {
			continue // unpublished since the page was read
		}
		doc, err := body.Load([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("load the text of article %s: %w", a.ID, err)
		}
		e := h.entry(p, a, render.HTML(doc, terminal.Feed, render.Options{BaseURL: h.BaseURL}))
		e.Media = h.mediaOf(doc)
		list = append(list, e)
	}
	return list, nil
}

func (h *Handler) entry(p page, a *ent.Article, html string) entry {
	publisher := p.publisher(a)
	author := string(a.Author)
	if author == "" {
		author = publisher
	}
	categories := []string{xmlText(p.category(a))}
	for _, tag := range a.Tags {
		if tag = xmlText(tag); !slices.Contains(categories, tag) {
			categories = append(categories, tag)
		}
	}
	cover := ""
	if a.Cover != "" {
		cover = h.absolute(string(a.Cover))
	}
	published := a.ListedAt
	if a.PublishedAt != nil {
		published = *a.PublishedAt
	}
	return entry{ID: urn(a.ID), URL: h.absolute(site.PageURL(p.facts, a.Slug, a.ID)),
		Title: xmlText(a.Title), Lead: xmlText(a.Lead), HTML: xmlText(withLabels(html, a, site.Disclaimer(p.facts, publisher))),
		Author: xmlText(author), Cover: cover, Published: published, Updated: max(a.UpdatedAt, published), Categories: categories}
}

// urn returns the ID of something in feeds, which stays the same when the portal moves.
func urn(id string) string { return "urn:x-tonggao:" + id }

// withLabels adds the labels that the law requires before the text, and the disclaimer after it.
func withLabels(html string, a *ent.Article, disclaimer string) string {
	var b strings.Builder
	if a.Sponsored {
		b.WriteString("<p><strong>广告</strong></p>")
	}
	if a.AiGenerated {
		b.WriteString("<p><strong>本文含人工智能生成内容</strong></p>")
	}
	b.WriteString(html)
	if disclaimer != "" {
		b.WriteString("<hr><p><small>" + escaper.Replace(disclaimer) + "</small></p>")
	}
	return b.String()
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\n", "<br>")

// xmlText returns text without the characters that XML 1.0 cannot contain, not even escaped.
func xmlText(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
