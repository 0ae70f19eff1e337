package syndication

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
	"github.com/tonggao/tonggao/internal/instant"
	"github.com/tonggao/tonggao/internal/site"
	"github.com/tonggao/tonggao/internal/terminal"
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

// parts counts what each span has, and looks when it last changed. What was taken
// back counts too, without being named, so that its going is a change.
func (d *Desk) parts(ctx context.Context, t terminal.Terminal) ([]part, error) {
	rows, err := d.Store.Client(ctx).QueryContext(ctx, fmt.Sprintf(`SELECT listed_at / %d, COUNT(*),
		MAX(CASE WHEN updated_at > listed_at THEN updated_at ELSE listed_at END) FROM articles
		WHERE status <> 'DRAFT' AND listed_at BETWEEN 0 AND %d AND (terminals & %d) <> 0 GROUP BY 1 ORDER BY 1`,
		partSpan, d.Store.Clock(), terminal.SetOf(t)))
	if err != nil {
		return nil, fmt.Errorf("divide the sitemap: %w", err)
	}
	defer rows.Close()
	var parts []part
	for rows.Next() {
		var count int64
		p := part{terminal: t}
		if err := rows.Scan(&p.span, &count, &p.changed); err != nil {
			return nil, fmt.Errorf("divide the sitemap: %w", err)
		}
		for ; p.n*partURLs < count; p.n++ {
			parts = append(parts, p)
		}
	}
	return parts, rows.Err()
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
	w.Header().Set("Cache-Control", "public, no-cache")
	chunk, err := d.chunk(r.Context(), p, int(p.n*partURLs), nil, partURLs)
	if err != nil {
		return err
	}
	if len(chunk) == 0 && p.n > 0 {
		return errNoPart
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
	q := d.Store.Client(ctx).Article.Query().Where(entarticle.ListedAtGTE(from), entarticle.ListedAtLT(from+partSpan), func(s *sql.Selector) {
		column := s.C(entarticle.FieldTerminals)
		s.Where(sql.P(func(b *sql.Builder) {
			b.Ident(column).WriteString(" & ").Arg(int(terminal.SetOf(p.terminal))).WriteString(" <> 0")
		}))
		if after != nil {
			s.Where(sql.CompositeGT([]string{s.C(entarticle.FieldListedAt), s.C(entarticle.FieldID)}, int64(after.ListedAt), after.ID))
		}
	}).Order(ent.Asc(entarticle.FieldListedAt, entarticle.FieldID)).Limit(min(partChunk, most))
	if skip > 0 {
		q.Offset(skip)
	}
	return q.Select(entarticle.FieldID, entarticle.FieldSlug, entarticle.FieldListedAt, entarticle.FieldUpdatedAt).All(ctx)
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
