// Package exporter writes an archive of everything that import accepts, in a stable
// order: types as archive.Types lists them, each by id, parents before children. It
// streams rows page by page, so its memory does not grow with the site. An interrupted
// export continues after the last line that it wrote; if nothing was changed in the
// meantime, the archive is then the same, byte for byte.
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

// pageSize is the number of rows that are read at once.
const pageSize = 500

// Exporter exports the content of a store.
type Exporter struct {
	store *store.Store
	site  *site.Service
}

// New returns an exporter of s.
func New(s *store.Store, facts *site.Service) *Exporter { return &Exporter{s, facts} }

// run is one export.
type run struct {
	ctx      context.Context
	client   *ent.Client
	out      *bufio.Writer
	site     *site.Service
	keys     seal.Ring
	after    Position
	lines    int
	progress func(lines int)
}

// Export writes to w all lines after a position. Progress is called with the number of
// lines so far, page by page.
func (e *Exporter) Export(ctx context.Context, w io.Writer, after Position, progress func(lines int)) error {
	ctx = viewer.AsSystem(ctx)
	r := &run{ctx: ctx, client: e.store.Client(ctx), site: e.site, keys: e.store.Keys, out: bufio.NewWriterSize(w, 1<<20), after: after, progress: progress}
	for i, write := range r.types() {
		if i < slices.Index(archive.Types, after.Type) {
			continue
		}
		if err := write(); err != nil {
			return errors.Join(err, r.out.Flush())
		}
	}
	if err := r.out.Flush(); err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	return nil
}

// types returns the functions that write each type, in the order of archive.Types.
func (r *run) types() []func() error {
	return []func() error{r.facts, r.regions, r.categories, r.publishers, r.pictures, r.articles,
		r.revisions, r.comments, r.reports, r.reportEvents, r.attachments, r.takedowns, r.views}
}

func (r *run) facts() error {
	if r.after.Type == archive.TypeSite {
		return nil
	}
	f, err := r.site.Get(r.ctx)
	if err != nil {
		return fmt.Errorf("read the site: %w", err)
	}
	return r.write(archive.TypeSite, 1, func(int) (any, error) { return f, nil })
}

// write writes n lines in order; they are encoded in parallel.
func (r *run) write(kind string, n int, line func(int) (any, error)) error {
	lines := make([][]byte, n)
	var all errgroup.Group
	all.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		all.Go(func() error {
			value, err := line(i)
			if err == nil {
				lines[i], err = archive.Line(kind, value)
			}
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return err
	}
	for _, line := range lines {
		if _, err := r.out.Write(line); err != nil {
			return fmt.Errorf("write the archive: %w", err)
		}
		r.lines++
	}
	return nil
}

// each writes all rows of a type, page by page. Read returns at most limit rows after an
// id (keyset pagination).
func each[T any](r *run, kind string, limit int, read func(after string) ([]T, error), id func(T) string, line func(T) (any, error)) error {
	for after := r.after.within(kind).ID; ; {
		rows, err := read(after)
		if err != nil {
			return fmt.Errorf("read %s rows: %w", kind, err)
		}
		if err := r.write(kind, len(rows), func(i int) (any, error) { return line(rows[i]) }); err != nil {
			return err
		}
		if len(rows) > 0 {
			after = id(rows[len(rows)-1])
		}
		r.progress(r.lines)
		if len(rows) < limit {
			return r.ctx.Err()
		}
	}
}

func (r *run) regions() error {
	return each(r, archive.TypeRegion, pageSize, func(after string) ([]*ent.Region, error) {
		return r.client.Region.Query().Where(region.IDGT(after)).Order(region.ByID()).Limit(pageSize).All(r.ctx)
	}, func(row *ent.Region) string { return row.ID }, func(row *ent.Region) (any, error) { return archive.FromRegion(row), nil })
}

// categories writes level by level, so that parents come before their children.
func (r *run) categories() error {
	level, err := r.client.Category.Query().Where(category.ParentIDIsNil()).Order(category.ByID()).All(r.ctx)
	last := r.after.within(archive.TypeCategory).ID
	reached := last == ""
	for err == nil && len(level) > 0 {
		var ids []string
		var lines []*ent.Category
		for _, row := range level {
			if ids = append(ids, row.ID); reached {
				lines = append(lines, row)
			}
			reached = reached || row.ID == last
		}
		if err := r.write(archive.TypeCategory, len(lines), func(i int) (any, error) { return archive.FromCategory(lines[i]), nil }); err != nil {
			return err
		}
		level, err = r.client.Category.Query().Where(category.ParentIDIn(ids...)).Order(category.ByID()).All(r.ctx)
	}
	if err != nil {
		return fmt.Errorf("read categories: %w", err)
	}
	if !reached {
		return fault.New(fault.BadUserInput, "the last line of the archive is a category that was deleted in the meantime; export into a new file")
	}
	return nil
}

func (r *run) publishers() error {
	return each(r, archive.TypePublisher, pageSize, func(after string) ([]*ent.Publisher, error) {
		return r.client.Publisher.Query().Where(publisher.IDGT(after)).Order(publisher.ByID()).Limit(pageSize).All(r.ctx)
	}, func(row *ent.Publisher) string { return row.ID }, func(row *ent.Publisher) (any, error) { return archive.FromPublisher(row), nil })
}

func (r *run) pictures() error {
	return each(r, archive.TypePicture, pageSize, func(after string) ([]*ent.Picture, error) {
		return r.client.Picture.Query().Where(picture.IDGT(after)).Order(picture.ByID()).Limit(pageSize).All(r.ctx)
	}, func(row *ent.Picture) string { return row.ID }, func(row *ent.Picture) (any, error) { return archive.FromPicture(row), nil })
}

func (r *run) articles() error {
	var bodies map[string]*ent.Body
	return each(r, archive.TypeArticle, pageSize, func(after string) ([]*ent.Article, error) {
		rows, err := r.client.Article.Query().Where(article.IDGT(after)).Order(article.ByID()).Limit(pageSize).All(r.ctx)
		if err != nil || len(rows) == 0 {
			return nil, err
		}
		docs, err := r.client.Body.Query().Where(body.IDGTE(rows[0].ID), body.IDLTE(rows[len(rows)-1].ID)).All(r.ctx)
		bodies = make(map[string]*ent.Body, len(docs))
		for _, b := range docs {
			bodies[b.ID] = b
		}
		return rows, err
	}, func(row *ent.Article) string { return row.ID }, func(row *ent.Article) (any, error) {
		if bodies[row.ID] == nil {
			return nil, fmt.Errorf("article %s has no body; run `tonggao doctor`", row.ID)
		}
		return articles.RecordOf(row, bodies[row.ID])
	})
}

func (r *run) revisions() error {
	return each(r, archive.TypeRevision, pageSize, func(after string) ([]*ent.Revision, error) {
		return r.client.Revision.Query().Where(revision.IDGT(after)).Order(revision.ByID()).Limit(pageSize).All(r.ctx)
	}, func(row *ent.Revision) string { return row.ID }, func(row *ent.Revision) (any, error) { return archive.FromRevision(row), nil })
}

// comments writes by id. A parent was written before its replies, so its id is smaller;
// an importer defers the lines where that does not hold.
func (r *run) comments() error {
	return each(r, archive.TypeComment, pageSize, func(after string) ([]*ent.Comment, error) {
		return r.client.Comment.Query().Where(comment.IDGT(after)).Order(comment.ByID()).Limit(pageSize).All(r.ctx)
	}, func(row *ent.Comment) string { return row.ID }, func(row *ent.Comment) (any, error) { return archive.FromComment(row), nil })
}

func (r *run) reports() error {
	return each(r, archive.TypeReport, pageSize, func(after string) ([]*ent.Report, error) {
		return r.client.Report.Query().Where(report.IDGT(after)).Order(report.ByID()).Limit(pageSize).All(r.ctx)
	}, func(row *ent.Report) string { return row.ID }, func(row *ent.Report) (any, error) { return archive.FromReport(row), nil })
}

func (r *run) reportEvents() error {
	return each(r, archive.TypeReportEvent, pageSize, func(after string) ([]*ent.ReportEvent, error) {
		return r.client.ReportEvent.Query().Where(reportevent.IDGT(after)).Order(reportevent.ByID()).Limit(pageSize).All(r.ctx)
	}, func(row *ent.ReportEvent) string { return row.ID }, func(row *ent.ReportEvent) (any, error) { return archive.FromReportEvent(row), nil })
}

// attachments writes one at a time, as they are large.
func (r *run) attachments() error {
	return each(r, archive.TypeAttachment, 1, func(after string) ([]*ent.Attachment, error) {
		return r.client.Attachment.Query().Where(attachment.IDGT(after)).Order(attachment.ByID()).Limit(1).All(r.ctx)
	}, func(row *ent.Attachment) string { return row.ID }, func(row *ent.Attachment) (any, error) {
		return archive.FromAttachment(row, r.keys.OpenBytes), nil
	})
}

func (r *run) takedowns() error {
	return each(r, archive.TypeTakedown, pageSize, func(after string) ([]*ent.Takedown, error) {
		return r.client.Takedown.Query().Where(takedown.IDGT(after)).Order(takedown.ByID()).Limit(pageSize).All(r.ctx)
	}, func(row *ent.Takedown) string { return row.ID }, func(row *ent.Takedown) (any, error) { return archive.FromTakedown(row), nil })
}

// views writes by article and day.
func (r *run) views() error {
	last := &ent.ViewDay{Day: -1 << 31}
	if after := r.after.within(archive.TypeViews); after.Article != "" {
		last = &ent.ViewDay{ArticleID: after.Article, Day: after.Day}
	}
	return each(r, archive.TypeViews, pageSize, func(string) ([]*ent.ViewDay, error) {
		return r.client.ViewDay.Query().Where(func(s *sql.Selector) {
			s.Where(sql.CompositeGT([]string{s.C(viewday.FieldArticleID), s.C(viewday.FieldDay)}, last.ArticleID, last.Day))
		}).Order(viewday.ByArticleID(), viewday.ByDay()).Limit(pageSize).All(r.ctx)
	}, func(row *ent.ViewDay) string {
		last = row
		return row.ArticleID
	}, func(row *ent.ViewDay) (any, error) { return archive.FromViewDay(row), nil })
}
