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
	"reflect"
	"runtime"
	"slices"

	"entgo.io/ent/dialect/sql"
	"golang.org/x/sync/errgroup"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/body"
	"github.com/tonggao/tonggao/ent/category"
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

// types returns the functions that write each type, in the order of archive.Types. A parent
// comment has a smaller id than its replies; an importer defers the lines where that does
// not hold. Attachments are read one at a time, as they are large.
func (r *run) types() []func() error {
	c := r.client
	return []func() error{
		r.facts,
		func() error { return each(r, archive.TypeRegion, pageSize, c.Region.Query, archive.FromRegion) },
		r.categories,
		func() error {
			return each(r, archive.TypePublisher, pageSize, c.Publisher.Query, archive.FromPublisher)
		},
		func() error { return each(r, archive.TypePicture, pageSize, c.Picture.Query, archive.FromPicture) },
		r.articles,
		func() error { return each(r, archive.TypeRevision, pageSize, c.Revision.Query, archive.FromRevision) },
		func() error { return each(r, archive.TypeComment, pageSize, c.Comment.Query, archive.FromComment) },
		func() error { return each(r, archive.TypeReport, pageSize, c.Report.Query, archive.FromReport) },
		func() error {
			return each(r, archive.TypeReportEvent, pageSize, c.ReportEvent.Query, archive.FromReportEvent)
		},
		func() error {
			return each(r, archive.TypeAttachment, 1, c.Attachment.Query, func(row *ent.Attachment) archive.Attachment {
				return archive.FromAttachment(row, r.keys.OpenBytes)
			})
		},
		func() error { return each(r, archive.TypeTakedown, pageSize, c.Takedown.Query, archive.FromTakedown) },
		r.views,
	}
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

// query is implemented by the queries of all entities.
type query[Q, P, O, R any] interface {
	Where(...P) Q
	Order(...O) Q
	Limit(int) Q
	All(context.Context) ([]R, error)
}

// each writes all rows of an entity by id, page by page (keyset pagination).
func each[Q query[Q, P, O, *R], P, O ~func(*sql.Selector), R, L any](r *run, kind string, limit int, from func() Q, line func(*R) L) error {
	return eachPage(r, kind, limit, func(after string) ([]*R, error) {
		return from().Where(P(sql.FieldGT("id", after))).Order(O(sql.OrderByField("id").ToFunc())).Limit(limit).All(r.ctx)
	}, func(row *R) (any, error) { return line(row), nil })
}

// eachPage writes pages of rows until one has less than limit rows. Read returns those
// after an id.
func eachPage[R any](r *run, kind string, limit int, read func(after string) ([]*R, error), line func(*R) (any, error)) error {
	for after := r.after.within(kind).ID; ; {
		rows, err := read(after)
		if err != nil {
			return fmt.Errorf("read %s rows: %w", kind, err)
		}
		if err := r.write(kind, len(rows), func(i int) (any, error) { return line(rows[i]) }); err != nil {
			return err
		}
		r.progress(r.lines)
		if len(rows) < limit {
			return r.ctx.Err()
		}
		after = reflect.ValueOf(rows[len(rows)-1]).Elem().FieldByName("ID").String()
	}
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

func (r *run) articles() error {
	var bodies map[string]*ent.Body
	return eachPage(r, archive.TypeArticle, pageSize, func(after string) ([]*ent.Article, error) {
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
	}, func(row *ent.Article) (any, error) {
		if bodies[row.ID] == nil {
			return nil, fmt.Errorf("article %s has no body; run `tonggao doctor`", row.ID)
		}
		return articles.RecordOf(row, bodies[row.ID])
	})
}

// views writes by article and day.
func (r *run) views() error {
	last := &ent.ViewDay{Day: -1 << 31}
	if after := r.after.within(archive.TypeViews); after.Article != "" {
		last = &ent.ViewDay{ArticleID: after.Article, Day: after.Day}
	}
	return eachPage(r, archive.TypeViews, pageSize, func(string) ([]*ent.ViewDay, error) {
		rows, err := r.client.ViewDay.Query().Where(func(s *sql.Selector) {
			s.Where(sql.CompositeGT([]string{s.C(viewday.FieldArticleID), s.C(viewday.FieldDay)}, last.ArticleID, last.Day))
		}).Order(viewday.ByArticleID(), viewday.ByDay()).Limit(pageSize).All(r.ctx)
		if len(rows) > 0 {
			last = rows[len(rows)-1]
		}
		return rows, err
	}, func(row *ent.ViewDay) (any, error) { return archive.FromViewDay(row), nil })
}
