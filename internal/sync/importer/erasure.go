package importer

import (
	"context"
	"maps"
	"slices"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	entreport "github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/reportevent"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/redact"
	"github.com/tonggao/tonggao/internal/moderation/privacy"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/store/setting"
	"github.com/tonggao/tonggao/internal/sync/archive"
)

// applyErasure removes from batch the personal data that was erased here since the
// archive was written, and returns the ids of lines of which nothing may be imported.
func applyErasure(ctx context.Context, c *ent.Client, batch []line) (map[string]bool, error) {
	articles, comments := byID(batch, func(r *article.Record) string { return r.ID }), byID(batch, func(m *archive.Comment) string { return m.ID })
	reports, events := byID(batch, func(r *archive.Report) string { return r.ID }), byID(batch, func(e *archive.ReportEvent) string { return e.ID })
	files := byID(batch, func(a *archive.Attachment) string { return a.ID })
	erased := map[string]bool{}
	for _, apply := range []func() error{
		func() error { return eraseAddresses(ctx, c, articles) },
		func() error { return eraseComments(ctx, c, comments, erased) },
		func() error { return eraseReports(ctx, c, reports) },
		func() error { return eraseEvents(ctx, c, events) },
		func() error { return eraseFiles(ctx, c, files, erased) },
	} {
		if err := apply(); err != nil {
			return nil, err
		}
	}
	if len(articles)+len(comments) == 0 {
		return erased, nil
	}
	// The lines may be older than what was erased already: retention starts from the beginning.
	return erased, setting.Delete(ctx, c, privacy.ErasedUpTo)
}

// byID returns the lines of one type by their ids.
func byID[T any](batch []line, id func(*T) string) map[string]*T {
	found := map[string]*T{}
	for _, l := range batch {
		if v, ok := l.value.(*T); ok {
			found[id(v)] = v
		}
	}
	return found
}

func keys[T any](of map[string]T) []string { return slices.Collect(maps.Keys(of)) }

// keepErased replaces the value of a line by the one stored here if that is what erasure
// leaves of it.
func keepErased(column *policy.SealedColumn, here string, value *string) {
	if here == column.Erase(*value) {
		*value = here
	}
}

func eraseAddresses(ctx context.Context, c *ent.Client, articles map[string]*article.Record) error {
	if len(articles) == 0 {
		return nil
	}
	rows, err := c.Article.Query().Where(entarticle.IDIn(keys(articles)...)).Select(entarticle.FieldID, entarticle.FieldOriginAddress).All(ctx)
	for _, row := range rows {
		keepErased(policy.ArticleAddress, row.OriginAddress, &articles[row.ID].OriginAddress)
	}
	return err
}

func eraseComments(ctx context.Context, c *ent.Client, comments map[string]*archive.Comment, erased map[string]bool) error {
	if len(comments) == 0 {
		return nil
	}
	rows, err := c.Comment.Query().Where(entcomment.IDIn(keys(comments)...)).
		Select(entcomment.FieldID, entcomment.FieldText, entcomment.FieldTokenID, entcomment.FieldOriginAddress).All(ctx)
	for _, row := range rows {
		m := comments[row.ID]
		keepErased(policy.CommentAddress, row.OriginAddress, &m.OriginAddress)
		if row.Text == redact.Erased && row.TokenID == "" && m.Text != redact.Erased {
			erased[row.ID] = true
		}
	}
	return err
}

func eraseReports(ctx context.Context, c *ent.Client, reports map[string]*archive.Report) error {
	if len(reports) == 0 {
		return nil
	}
	rows, err := c.Report.Query().Where(entreport.IDIn(keys(reports)...), entreport.ErasedAtNotNil()).All(ctx)
	for _, row := range rows {
		r := reports[row.ID]
		r.OriginAddress, r.Evidence, r.Statement, r.ErasedAt = row.OriginAddress, row.Evidence, row.Statement, row.ErasedAt
	}
	return err
}

func eraseEvents(ctx context.Context, c *ent.Client, events map[string]*archive.ReportEvent) error {
	if len(events) == 0 {
		return nil
	}
	ids, err := c.ReportEvent.Query().Where(reportevent.IDIn(keys(events)...), reportevent.Material("")).IDs(ctx)
	for _, id := range ids {
		events[id].Material = ""
	}
	return err
}

func eraseFiles(ctx context.Context, c *ent.Client, files map[string]*archive.Attachment, erased map[string]bool) error {
	of := map[string][]string{} // by report
	for id, f := range files {
		of[f.Report] = append(of[f.Report], id)
	}
	if len(of) == 0 {
		return nil
	}
	ids, err := c.Report.Query().Where(entreport.IDIn(keys(of)...), entreport.ErasedAtNotNil()).IDs(ctx)
	for _, report := range ids {
		for _, id := range of[report] {
			erased[id] = true
		}
	}
	return err
}
