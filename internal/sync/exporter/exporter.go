// Package exporter writes everything that import takes, in a stable order: types
// as internal/sync/archive lists them, each by id, parents before children. It streams
// pages of rows, so its memory does not grow with the site. Where it was
// interrupted it goes on after the last line that it wrote; of a site that nobody
// changed meanwhile the archive is then the same, to the byte.
package exporter

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"

	"entgo.io/ent/dialect/sql"
	"golang.org/x/sync/errgroup"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/attachment"
	"github.com/tonggao/tonggao/ent/body"
	"github.com/tonggao/tonggao/ent/category"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/picture"
	"github.com/tonggao/tonggao/ent/publisher"
	"github.com/tonggao/tonggao/ent/region"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/reportevent"
	"github.com/tonggao/tonggao/ent/revision"
	"github.com/tonggao/tonggao/ent/takedown"
	"github.com/tonggao/tonggao/ent/viewday"
	articles "github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/sync/archive"
)

// pageSize is how many rows are read at once.
const pageSize = 500

// Exporter writes the content of a store.
type Exporter struct {
	store *store.Store
	site  *site.Service
}

// New is an exporter of s.
func New(s *store.Store, facts *site.Service) *Exporter { return &Exporter{s, facts} }

// writing is one export under way.
type writing struct {
	ctx      context.Context
	client   *ent.Client
	out      *bufio.Writer
	keys     seal.Ring
	from     Position
	lines    int
	progress func(lines int)
}

// Export writes everything that comes after a place to w and tells progress how
// many lines were written, page by page. It needs the program itself as the viewer.
func (e *Exporter) Export(ctx context.Context, w io.Writer, after Position, progress func(lines int)) error {
	ctx = viewer.AsSystem(ctx)
	out := &writing{ctx: ctx, client: e.store.Client(ctx), keys: e.store.Keys, out: bufio.NewWriterSize(w, 1<<20), from: after, progress: progress}
	for i, step := range out.steps(e.site) {
		if i < slices.Index(order, after.Type) {
			continue
		}
		if err := step(); err != nil {
			return errors.Join(err, out.out.Flush())
		}
	}
	return out.out.Flush()
}

// steps write the types of lines, as order has them.
func (w *writing) steps(facts *site.Service) []func() error {
	return []func() error{func() error { return w.facts(facts) }, w.regions, w.categories, w.publishers, w.pictures, w.articles,
		w.revisions, w.comments, w.reports, w.caseEvents, w.attachments, w.measures, w.views}
}

func (w *writing) facts(facts *site.Service) error {
	if w.from.Type == archive.TypeSite {
		return nil
	}
	f, err := facts.Get(w.ctx)
	if err != nil {
		return err
	}
	return w.line(archive.TypeSite, f)
}

func (w *writing) line(kind string, thing any) error {
	return w.page(kind, 1, func(int) (any, error) { return thing, nil })
}

// page writes n things in their order; each is made and put into words beside the
// others.
func (w *writing) page(kind string, n int, thing func(int) (any, error)) error {
	lines := make([][]byte, n)
	var all errgroup.Group
	all.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		all.Go(func() error {
			t, err := thing(i)
			if err == nil {
				lines[i], err = archive.Line(kind, t)
			}
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return err
	}
	for _, line := range lines {
		if _, err := w.out.Write(line); err != nil {
			return fmt.Errorf("write the archive: %w", err)
		}
		w.lines++
	}
	return nil
}

// each writes rows page by page; read gets the id after which to go on.
func each[T any](w *writing, kind string, read func(after string) ([]T, error), id func(T) string, thing func(T) (any, error)) error {
	return eachOf(w, kind, pageSize, read, id, thing)
}

// eachOf is each in pages of another size.
func eachOf[T any](w *writing, kind string, size int, read func(after string) ([]T, error), id func(T) string, thing func(T) (any, error)) error {
	for after := w.from.of(kind).ID; ; {
		rows, err := read(after)
		if err != nil {
			return fmt.Errorf("read %s rows: %w", kind, err)
		}
		if err := w.page(kind, len(rows), func(i int) (any, error) { return thing(rows[i]) }); err != nil {
			return err
		}
		if len(rows) > 0 {
			after = id(rows[len(rows)-1])
		}
		w.progress(w.lines)
		if len(rows) < size {
			return w.ctx.Err()
		}
	}
}

func (w *writing) regions() error {
	return each(w, archive.TypeRegion, func(after string) ([]*ent.Region, error) {
		return w.client.Region.Query().Where(region.IDGT(after)).Order(region.ByID()).Limit(pageSize).All(w.ctx)
	}, func(r *ent.Region) string { return r.ID }, func(r *ent.Region) (any, error) { return archive.FromRegion(r), nil })
}

// categories come by level, so that parents stand before their children.
func (w *writing) categories() error {
	level, err := w.client.Category.Query().Where(category.ParentIDIsNil()).Order(category.ByID()).All(w.ctx)
	last := w.from.of(archive.TypeCategory).ID
	written := last == ""
	for err == nil && len(level) > 0 {
		ids := make([]string, len(level))
		for i, c := range level {
			ids[i] = c.ID
			if !written {
				written = c.ID == last
				continue
			}
			if err := w.line(archive.TypeCategory, archive.FromCategory(c)); err != nil {
				return err
			}
		}
		level, err = w.client.Category.Query().Where(category.ParentIDIn(ids...)).Order(category.ByID()).All(w.ctx)
	}
	if err == nil && !written {
		return fault.New(fault.BadUserInput, "the last line of the archive is a category that is gone meanwhile; export into a new file")
	}
	return err
}

func (w *writing) publishers() error {
	return each(w, archive.TypePublisher, func(after string) ([]*ent.Publisher, error) {
		return w.client.Publisher.Query().Where(publisher.IDGT(after)).Order(publisher.ByID()).Limit(pageSize).All(w.ctx)
	}, func(p *ent.Publisher) string { return p.ID }, func(p *ent.Publisher) (any, error) { return archive.FromPublisher(p), nil })
}

func (w *writing) pictures() error {
	return each(w, archive.TypePicture, func(after string) ([]*ent.Picture, error) {
		return w.client.Picture.Query().Where(picture.IDGT(after)).Order(picture.ByID()).Limit(pageSize).All(w.ctx)
	}, func(p *ent.Picture) string { return p.ID }, func(p *ent.Picture) (any, error) { return archive.FromPicture(p), nil })
}

func (w *writing) articles() error {
	var bodies map[string]*ent.Body
	return each(w, archive.TypeArticle, func(after string) ([]*ent.Article, error) {
		rows, err := w.client.Article.Query().Where(article.IDGT(after)).Order(article.ByID()).Limit(pageSize).All(w.ctx)
		if err != nil || len(rows) == 0 {
			return rows, err
		}
		docs, err := w.client.Body.Query().Where(body.IDGTE(rows[0].ID), body.IDLTE(rows[len(rows)-1].ID)).All(w.ctx)
		bodies = make(map[string]*ent.Body, len(docs))
		for _, b := range docs {
			bodies[b.ID] = b
		}
		return rows, err
	}, func(a *ent.Article) string { return a.ID }, func(a *ent.Article) (any, error) {
		if bodies[a.ID] == nil {
			return nil, fmt.Errorf("article %s has no text; run `tonggao doctor`", a.ID)
		}
		return articles.RecordOf(a, bodies[a.ID])
	})
}

func (w *writing) revisions() error {
	return each(w, archive.TypeRevision, func(after string) ([]*ent.Revision, error) {
		return w.client.Revision.Query().Where(revision.IDGT(after)).Order(revision.ByID()).Limit(pageSize).All(w.ctx)
	}, func(r *ent.Revision) string { return r.ID }, func(r *ent.Revision) (any, error) { return archive.FromRevision(r), nil })
}

// comments come by id. A parent was written before its replies, so its id is
// smaller; an importer tells where that does not hold.
func (w *writing) comments() error {
	return each(w, archive.TypeComment, func(after string) ([]*ent.Comment, error) {
		return w.client.Comment.Query().Where(comment.IDGT(after)).Order(comment.ByID()).Limit(pageSize).All(w.ctx)
	}, func(c *ent.Comment) string { return c.ID }, func(c *ent.Comment) (any, error) { return archive.FromComment(c), nil })
}

func (w *writing) reports() error {
	return each(w, archive.TypeReport, func(after string) ([]*ent.Report, error) {
		return w.client.Report.Query().Where(report.IDGT(after)).Order(report.ByID()).Limit(pageSize).All(w.ctx)
	}, func(r *ent.Report) string { return r.ID }, func(r *ent.Report) (any, error) { return archive.FromReport(r), nil })
}

func (w *writing) caseEvents() error {
	return each(w, archive.TypeCaseEvent, func(after string) ([]*ent.ReportEvent, error) {
		return w.client.ReportEvent.Query().Where(reportevent.IDGT(after)).Order(reportevent.ByID()).Limit(pageSize).All(w.ctx)
	}, func(e *ent.ReportEvent) string { return e.ID }, func(e *ent.ReportEvent) (any, error) { return archive.FromReportEvent(e), nil })
}

// attachments come one at a time, as they are large.
func (w *writing) attachments() error {
	return eachOf(w, archive.TypeFile, 1, func(after string) ([]*ent.Attachment, error) {
		return w.client.Attachment.Query().Where(attachment.IDGT(after)).Order(attachment.ByID()).Limit(1).All(w.ctx)
	}, func(a *ent.Attachment) string { return a.ID }, func(a *ent.Attachment) (any, error) {
		return archive.FromAttachment(a, w.keys.OpenBytes), nil
	})
}

func (w *writing) measures() error {
	return each(w, archive.TypeMeasure, func(after string) ([]*ent.Takedown, error) {
		return w.client.Takedown.Query().Where(takedown.IDGT(after)).Order(takedown.ByID()).Limit(pageSize).All(w.ctx)
	}, func(m *ent.Takedown) string { return m.ID }, func(m *ent.Takedown) (any, error) { return archive.FromTakedown(m), nil })
}

// views come by article and day.
func (w *writing) views() error {
	last := &ent.ViewDay{Day: -1 << 31}
	if from := w.from.of(archive.TypeViews); from.Article != "" {
		last = &ent.ViewDay{ArticleID: from.Article, Day: from.Day}
	}
	return each(w, archive.TypeViews, func(string) ([]*ent.ViewDay, error) {
		return w.client.ViewDay.Query().Where(func(s *sql.Selector) {
			s.Where(sql.CompositeGT([]string{s.C(viewday.FieldArticleID), s.C(viewday.FieldDay)}, last.ArticleID, last.Day))
		}).Order(viewday.ByArticleID(), viewday.ByDay()).Limit(pageSize).All(w.ctx)
	}, func(v *ent.ViewDay) string {
		last = v
		return v.ArticleID
	}, func(v *ent.ViewDay) (any, error) { return archive.FromViewDay(v), nil })
}
