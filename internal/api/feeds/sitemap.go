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
	"github.com/tonggao/tonggao/internal/api/position"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/policy"
)

const (
	// partSpan is the period of publication that a part covers: 30 days. An article stays in
	// its part, so the lastmod of a part changes only with its articles.
	partSpan  = instant.Instant(30 * 24 * 60 * 60 * 1_000_000)
	partURLs  = 50_000 // the limit of the protocol; a span with more has several parts
	partChunk = 1_000  // rows in memory at once
	urlsetXML = "http://www.sitemaps.org/schemas/sitemap/0.9"
)

// part is a file of the sitemap: page n of a span.
type part struct {
	terminal terminal.Terminal
	span, n  int64
	modified instant.Instant
}

func (p part) path() string {
	return fmt.Sprintf("/sitemaps/%s/%d-%d.xml", strings.ToLower(p.terminal.String()), p.span, p.n)
}

// terminals returns the terminals whose pages have addresses of their own.
func terminals(f site.Facts) (list []terminal.Terminal) {
	if f.URLs[terminal.Web] != "" {
		list = append(list, terminal.Web)
	}
	if u := f.URLs[terminal.WAP]; u != "" && u != f.URLs[terminal.Web] {
		list = append(list, terminal.WAP)
	}
	return list
}

func (h *Handler) sitemapIndex(w http.ResponseWriter, r *http.Request) error {
	facts, err := h.Site.Get(r.Context())
	if err != nil {
		return err
	}
	type location struct {
		Loc     string `xml:"loc"`
		LastMod string `xml:"lastmod"`
	}
	index := struct {
		XMLName xml.Name   `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 sitemapindex"`
		Parts   []location `xml:"sitemap"`
	}{}
	reflected, _ := store.Positions(r.Context())
	for _, t := range terminals(facts) {
		parts, reached, err := h.parts(r.Context(), t)
		if err != nil {
			return err
		}
		reflected = min(reflected, reached)
		for _, p := range parts {
			index.Parts = append(index.Parts, location{h.BaseURL + p.path(), p.modified.String()})
		}
	}
	position.Set(w.Header(), reflected)
	etag, err := hash(index.Parts)
	if err != nil || (validators{etag: etag}).notModified(w, r) {
		return err
	}
	text, err := xmlDocument(index)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	_, _ = w.Write(text)
	return nil
}

func (h *Handler) sitemapPart(w http.ResponseWriter, r *http.Request) error {
	facts, err := h.Site.Get(r.Context())
	if err != nil {
		return err
	}
	p, ok := parsePart(r.PathValue("terminal"), r.PathValue("part"))
	if !ok || facts.URLs[p.terminal] == "" {
		return errNoPart
	}
	etag, err := h.partETag(r.Context(), facts, p)
	if err != nil {
		return err
	}
	chunk, err := h.chunk(r.Context(), p, int(p.n*partURLs), nil, partURLs)
	if err != nil {
		return err
	}
	if len(chunk) == 0 {
		return errNoPart
	}
	if (validators{etag: etag}).notModified(w, r) {
		return nil
	}
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	_, _ = io.WriteString(w, xml.Header+`<urlset xmlns="`+urlsetXML+`">`)
	for left := partURLs; len(chunk) > 0; {
		for _, a := range chunk {
			h.writeURL(w, facts, p.terminal, a)
		}
		if left -= len(chunk); left <= 0 || len(chunk) < partChunk {
			break
		}
		if chunk, err = h.chunk(r.Context(), p, 0, chunk[len(chunk)-1], left); err != nil {
			panic(http.ErrAbortHandler) // half a list must not look complete
		}
	}
	_, _ = io.WriteString(w, "</urlset>")
	return nil
}

func (h *Handler) writeURL(w io.Writer, f site.Facts, t terminal.Terminal, a *ent.Article) {
	_, _ = io.WriteString(w, "<url><loc>")
	_ = xml.EscapeText(w, []byte(h.absolute(site.ArticleURL(f, t, a.Slug, a.ID))))
	_, _ = io.WriteString(w, "</loc><lastmod>"+max(a.UpdatedAt, a.ListedAt).String()+"</lastmod></url>")
}

// chunk returns the next rows of a part.
func (h *Handler) chunk(ctx context.Context, p part, skip int, after *ent.Article, most int) ([]*ent.Article, error) {
	from := instant.Instant(p.span) * partSpan
	q := h.listed(ctx, p.terminal).Where(entarticle.ListedAtGTE(from), entarticle.ListedAtLT(from+partSpan), func(s *sql.Selector) {
		if after != nil {
			s.Where(sql.CompositeGT([]string{s.C(entarticle.FieldListedAt), s.C(entarticle.FieldID)}, int64(after.ListedAt), after.ID))
		}
	}).Order(ent.Asc(entarticle.FieldListedAt, entarticle.FieldID)).Limit(min(partChunk, most))
	if skip > 0 {
		q.Offset(skip)
	}
	rows, err := q.Select(entarticle.FieldID, entarticle.FieldSlug, entarticle.FieldListedAt, entarticle.FieldUpdatedAt).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read a part of the sitemap: %w", err)
	}
	return rows, nil
}

// listed selects the articles that are public on a terminal.
func (h *Handler) listed(ctx context.Context, t terminal.Terminal) *ent.ArticleQuery {
	return h.Store.Client(ctx).Article.Query().Where(policy.ShownOn(terminal.SetOf(t)))
}

// partETag returns the ETag of a part without reading the part: every change of it is in the
// change log, except for scheduled changes that are due and not yet logged.
func (h *Handler) partETag(ctx context.Context, f site.Facts, p part) (string, error) {
	entries, _, err := changefeed.Newest(ctx, h.Store)
	if err != nil {
		return "", err
	}
	due, err := h.Store.Client(ctx).Article.Query().Where(entarticle.NextAtLTE(h.Store.Clock())).Count(viewer.AsSystem(ctx))
	if err != nil {
		return "", fmt.Errorf("count the scheduled changes that are due: %w", err)
	}
	return hash(p.path(), h.BaseURL, f, entries, due)
}

// parsePart parses the path of a part.
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
