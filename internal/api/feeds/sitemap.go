package feeds

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/policy"
)

const (
	// partSpan is the time that one part of the sitemap is about, 30 days. An
	// article stays in its part, so a part's lastmod moves only with what is in it.
	partSpan  = instant.Instant(30 * 24 * 60 * 60 * 1_000_000)
	partURLs  = 50_000 // what the protocol allows; fuller spans have several parts
	partChunk = 1_000  // rows in memory at once
	urlsetXML = "http://www.sitemaps.org/schemas/sitemap/0.9"
)

// part is a piece of the sitemap: page n of a span.
type part struct {
	terminal terminal.Terminal
	span, n  int64
	changed  instant.Instant
}

func (p part) path() string {
	return fmt.Sprintf("/sitemaps/%s/%d-%d.xml", strings.ToLower(p.terminal.String()), p.span, p.n)
}

// terminals is the kinds of pages that have addresses of their own.
func terminals(f site.Facts) (list []terminal.Terminal) {
	if f.URLs[terminal.Web] != "" {
		list = append(list, terminal.Web)
	}
	if u := f.URLs[terminal.WAP]; u != "" && u != f.URLs[terminal.Web] {
		list = append(list, terminal.WAP)
	}
	return list
}

func (d *Desk) sitemapIndex(w http.ResponseWriter, r *http.Request) error {
	facts, err := d.facts(r.Context())
	if err != nil {
		return err
	}
	type one struct {
		Loc     string `xml:"loc"`
		LastMod string `xml:"lastmod"`
	}
	index := struct {
		XMLName xml.Name `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 sitemapindex"`
		Parts   []one    `xml:"sitemap"`
	}{}
	for _, t := range terminals(facts) {
		parts, err := d.parts(r.Context(), t)
		if err != nil {
			return err
		}
		for _, p := range parts {
			index.Parts = append(index.Parts, one{d.BaseURL + p.path(), p.changed.String()})
		}
	}
	tag, err := tagOf(index.Parts)
	if err != nil || (condition{tag: tag}).holds(w, r) {
		return err
	}
	text, err := document(index)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	_, _ = w.Write(text)
	return nil
}

func (d *Desk) sitemapPart(w http.ResponseWriter, r *http.Request) error {
	facts, err := d.facts(r.Context())
	if err != nil {
		return err
	}
	p, ok := parsePart(r.PathValue("terminal"), r.PathValue("part"))
	if !ok || facts.URLs[p.terminal] == "" {
		return errNoPart
	}
	tag, err := d.partTag(r.Context(), facts, p)
	if err != nil {
		return err
	}
	chunk, err := d.chunk(r.Context(), p, int(p.n*partURLs), nil, partURLs)
	if err != nil {
		return err
	}
	if len(chunk) == 0 {
		return errNoPart
	}
	if (condition{tag: tag}).holds(w, r) {
		return nil
	}
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	_, _ = io.WriteString(w, xml.Header+`<urlset xmlns="`+urlsetXML+`">`)
	for left := partURLs; len(chunk) > 0; {
		for _, a := range chunk {
			d.writeURL(w, facts, p.terminal, a)
		}
		if left -= len(chunk); left <= 0 || len(chunk) < partChunk {
			break
		}
		if chunk, err = d.chunk(r.Context(), p, 0, chunk[len(chunk)-1], left); err != nil {
			panic(http.ErrAbortHandler) // half a list must not look like a whole one
		}
	}
	_, _ = io.WriteString(w, "</urlset>")
	return nil
}

func (d *Desk) writeURL(w io.Writer, f site.Facts, t terminal.Terminal, a *ent.Article) {
	_, _ = io.WriteString(w, "<url><loc>")
	_ = xml.EscapeText(w, []byte(d.complete(site.ArticleURL(f, t, a.Slug, a.ID))))
	_, _ = io.WriteString(w, "</loc><lastmod>"+max(a.UpdatedAt, a.ListedAt).String()+"</lastmod></url>")
}

// chunk is the next rows of a part.
func (d *Desk) chunk(ctx context.Context, p part, skip int, after *ent.Article, most int) ([]*ent.Article, error) {
	from := instant.Instant(p.span) * partSpan
	q := d.listed(ctx, p.terminal).Where(entarticle.ListedAtGTE(from), entarticle.ListedAtLT(from+partSpan), func(s *sql.Selector) {
		if after != nil {
			s.Where(sql.CompositeGT([]string{s.C(entarticle.FieldListedAt), s.C(entarticle.FieldID)}, int64(after.ListedAt), after.ID))
		}
	}).Order(ent.Asc(entarticle.FieldListedAt, entarticle.FieldID)).Limit(min(partChunk, most))
	if skip > 0 {
		q.Offset(skip)
	}
	return q.Select(entarticle.FieldID, entarticle.FieldSlug, entarticle.FieldListedAt, entarticle.FieldUpdatedAt).All(ctx)
}

// listed is the articles that everybody sees on a terminal.
func (d *Desk) listed(ctx context.Context, t terminal.Terminal) *ent.ArticleQuery {
	return d.Store.Client(ctx).Article.Query().Where(policy.ShownOn(terminal.SetOf(t)))
}

// partTag says what a part is without reading it: what changes it is in the log,
// but for what time alone has shown or hidden and is not yet told of there.
func (d *Desk) partTag(ctx context.Context, f site.Facts, p part) (string, error) {
	last, err := d.last(ctx)
	if err != nil {
		return "", err
	}
	due, err := d.Store.Client(ctx).Article.Query().Where(entarticle.NextAtLTE(d.Store.Clock())).Count(viewer.AsSystem(ctx))
	if err != nil {
		return "", err
	}
	return tagOf(p.path(), d.BaseURL, f, last.ID, due)
}

// parsePart reads the address of a part.
func parsePart(name, file string) (p part, ok bool) {
	t, err := terminal.Parse(strings.ToUpper(name))
	if err != nil || t != terminal.Web && t != terminal.WAP {
		return p, false
	}
	p.terminal = t
	span, n, _ := strings.Cut(strings.TrimSuffix(file, ".xml"), "-")
	var errSpan, errN error
	p.span, errSpan = strconv.ParseInt(span, 10, 32)
	p.n, errN = strconv.ParseInt(n, 10, 16)
	return p, errSpan == nil && errN == nil && p.span >= 0 && p.span < 1<<20 && p.n >= 0 && strings.EqualFold("/sitemaps/"+name+"/"+file, p.path())
}
