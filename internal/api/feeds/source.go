package feeds

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tonggao/tonggao/ent"
	entbody "github.com/tonggao/tonggao/ent/body"
	"github.com/tonggao/tonggao/ent/change"
	entregion "github.com/tonggao/tonggao/ent/region"
	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/pagination"
)

// What a feed can be of, as its address says.
const (
	byCategory = "category"
	byRegion   = "region"
	byTag      = "tag"
)

// pageSize is how many articles are on a page of a feed.
const pageSize = 30

// source is the articles that a feed is of.
type source struct {
	id, name, path string // path: of the feed, without the file
	filter         article.Filter
}

func (d *Desk) source(ctx context.Context, kind, name string) (source, error) {
	feed := terminal.Feed
	s := source{id: "site", path: "/feeds/", filter: article.Filter{Terminal: &feed}}
	if kind != "" {
		s.path += kind + "/" + url.PathEscape(name) + "/"
	}
	switch kind {
	case byCategory:
		c, err := d.Categories.Get(ctx, nil, &name)
		if err != nil {
			return s, err
		}
		s.id, s.name, s.filter.Category = c.ID, c.Name, &c.ID
	case byRegion:
		r, err := d.Store.Client(ctx).Region.Query().Where(entregion.Slug(name)).Only(ctx)
		if ent.IsNotFound(err) {
			return s, fault.New(fault.NotFound, "there is no such region")
		}
		if err != nil {
			return s, err
		}
		s.id, s.name, s.filter.Region = r.ID, r.Name, &r.ID
	case byTag:
		s.id, s.name, s.filter.Tag = "tag:"+url.PathEscape(name), name, &name
	}
	return s, nil
}

// edition is a page of a feed before its texts are read.
type edition struct {
	source
	facts      site.Facts
	rows       []*ent.Article
	publishers map[string]*ent.Publisher
	categories map[string]*ent.Category
	next       *string // the cursor of the page after it
	changed    instant.Instant
}

func (d *Desk) edition(ctx context.Context, s source, after *string) (edition, error) {
	e := edition{source: s}
	size := pageSize
	list, err := d.Articles.List(ctx, &s.filter, "PUBLISHED_DESC", pagination.Request{First: &size, After: after})
	if err != nil {
		return e, err
	}
	var publishers, categories []string
	for _, edge := range list.Edges {
		e.rows = append(e.rows, edge.Node)
		publishers, categories = append(publishers, edge.Node.PublisherID), append(categories, edge.Node.CategoryID)
	}
	if list.PageInfo.HasNextPage {
		e.next = list.PageInfo.EndCursor()
	}
	if e.facts, err = d.facts(ctx); err != nil {
		return e, err
	}
	if e.publishers, err = d.Publishers.Named(ctx, unique(publishers)); err != nil {
		return e, err
	}
	if e.categories, err = d.Categories.ByIDs(ctx, unique(categories)); err != nil {
		return e, err
	}
	e.changed, err = d.changed(ctx, e.facts, e.rows)
	return e, err
}

func unique(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}

// changed is when readers could last notice anything, anywhere on the site: then
// what left a feed counts too, and so do the site's facts and how the server was
// started. A moment that is not over yet says nothing, for the header has whole
// seconds and more may happen in this one; nor one in which another replica may
// have changed facts that are remembered here.
func (d *Desk) changed(ctx context.Context, facts site.Facts, rows []*ent.Article) (instant.Instant, error) {
	last, err := d.last(ctx)
	if err != nil {
		return 0, err
	}
	at := max(d.started, facts.ChangedAt, last.At)
	for _, a := range rows {
		at = max(at, a.ListedAt)
	}
	if now := d.Store.Clock(); now.Time().Truncate(time.Second).Before(at.Time().Add(site.Remember + time.Second)) {
		return 0, nil
	}
	return at, nil
}

// last is the newest entry of the change log; a zero one where there is none.
func (d *Desk) last(ctx context.Context) (*ent.Change, error) {
	last, err := d.Store.Client(ctx).Change.Query().Order(ent.Desc(change.FieldID)).Limit(1).
		Select(change.FieldID, change.FieldAt).All(viewer.AsSystem(ctx))
	if err != nil || len(last) == 0 {
		return &ent.Change{}, err
	}
	return last[0], nil
}

// tag says what the edition is, without its texts: a text never changes without
// its article's version.
func (e edition) tag(base, format string) (string, error) {
	things := []any{format, base, e.name, e.facts, e.next}
	for _, a := range e.rows {
		things = append(things, a.ID, a.Version, a.UpdatedAt, a.ListedAt, e.publisher(a), e.category(a))
	}
	return tagOf(things...)
}

// publisher is the name as everybody may see it; empty where it went in between.
func (e edition) publisher(a *ent.Article) string {
	if p := e.publishers[a.PublisherID]; p != nil {
		return p.Name
	}
	return ""
}

func (e edition) category(a *ent.Article) string {
	if c := e.categories[a.CategoryID]; c != nil {
		return c.Name
	}
	return ""
}

// entry is one article in a feed.
type entry struct {
	ID, URL, Title, Lead, HTML, Author, Cover string
	Published, Updated                        instant.Instant
	Categories                                []string
}

// entries reads the texts and makes each complete.
func (d *Desk) entries(ctx context.Context, e edition) ([]entry, error) {
	ids := make([]string, len(e.rows))
	for i, a := range e.rows {
		ids[i] = a.ID
	}
	docs, err := d.Store.Client(ctx).Body.Query().Where(entbody.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, err
	}
	texts := make(map[string]string, len(docs))
	for _, doc := range docs {
		texts[doc.ID] = doc.Document
	}
	list := make([]entry, 0, len(e.rows))
	for _, a := range e.rows {
		text, there := texts[a.ID]
		if !there {
			continue // taken back since the page was read
		}
		doc, err := body.Load([]byte(text))
		if err != nil {
			return nil, err
		}
		list = append(list, d.entry(e, a, render.HTML(doc, terminal.Feed, render.Options{BaseURL: d.BaseURL})))
	}
	return list, nil
}

func (d *Desk) entry(e edition, a *ent.Article, html string) entry {
	publisher := e.publisher(a)
	author := string(a.Author)
	if author == "" {
		author = publisher
	}
	categories := []string{legal(e.category(a))}
	for _, tag := range a.Tags {
		if tag = legal(tag); !slices.Contains(categories, tag) {
			categories = append(categories, tag)
		}
	}
	cover := ""
	if a.Cover != "" {
		cover = d.complete(string(a.Cover))
	}
	published := a.ListedAt
	if a.PublishedAt != nil {
		published = *a.PublishedAt
	}
	return entry{ID: idOf(a.ID), URL: d.complete(site.ArticleURL(e.facts, terminal.Web, a.Slug, a.ID)),
		Title: legal(a.Title), Lead: legal(a.Lead), HTML: legal(framed(html, a, site.Disclaimer(e.facts, publisher))),
		Author: legal(author), Cover: cover, Published: published, Updated: max(a.UpdatedAt, published), Categories: categories}
}

// idOf names a thing for ever, wherever the portal moves.
func idOf(id string) string { return "urn:x-tonggao:" + id }

// framed puts before and after a text what readers must be told.
func framed(html string, a *ent.Article, disclaimer string) string {
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

// legal leaves out what XML 1.0 cannot carry, not even escaped.
func legal(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
