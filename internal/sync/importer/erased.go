package importer

import (
	"context"
	"fmt"

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

// keepErased takes out of batch what was erased here since the archive was written: it
// does not come back. It returns what is of those who were forgotten.
func (r *reading) keepErased(ctx context.Context, c *ent.Client, batch []line) (forgotten map[string]bool, err error) {
	articles, comments := map[string]*article.Record{}, map[string]*archive.Comment{}
	reports, steps := map[string]*archive.Report{}, map[string]*archive.ReportEvent{}
	for _, l := range batch {
		switch t := l.thing.(type) {
		case *article.Record:
			articles[t.ID] = t
		case *archive.Comment:
			comments[t.ID] = t
		case *archive.Report:
			reports[t.ID] = t
		case *archive.ReportEvent:
			steps[t.ID] = t
		}
	}
	forgotten = map[string]bool{}
	if err := forgetFiles(ctx, c, batch, forgotten); err != nil {
		return nil, fmt.Errorf("look for what was erased here: %w", err)
	}
	for _, look := range []func() error{
		func() error { return keepAddresses(ctx, c, articles) },
		func() error { return keepComments(ctx, c, comments, forgotten) },
		func() error { return keepReports(ctx, c, reports) },
		func() error { return keepSteps(ctx, c, steps) },
	} {
		if err := look(); err != nil {
			return nil, fmt.Errorf("look for what was erased here: %w", err)
		}
	}
	if len(articles)+len(comments) == 0 {
		return forgotten, nil
	}
	// What comes in may be older than what is erased already: all is looked at again.
	err = setting.Delete(ctx, c, privacy.ErasedUpTo)
	return forgotten, err
}

// forgetFiles finds the files of reports that were erased here.
func forgetFiles(ctx context.Context, c *ent.Client, batch []line, forgotten map[string]bool) error {
	of := map[string][]string{}
	for _, l := range batch {
		if t, ok := l.thing.(*archive.Attachment); ok {
			of[t.Report] = append(of[t.Report], t.ID)
		}
	}
	if len(of) == 0 {
		return nil
	}
	ids, err := c.Report.Query().Where(entreport.IDIn(keysOf(of)...), entreport.ErasedAtNotNil()).IDs(ctx)
	for _, report := range ids {
		for _, id := range of[report] {
			forgotten[id] = true
		}
	}
	return err
}

func keysOf[T any](of map[string]T) []string {
	ids := make([]string, 0, len(of))
	for id := range of {
		ids = append(ids, id)
	}
	return ids
}

// erased returns the value to keep: the stored one if it is what erasure leaves of the other.
func erased(c *policy.SealedColumn, here, other string) string {
	if here != other && here == c.Erase(other) {
		return here
	}
	return other
}

func keepAddresses(ctx context.Context, c *ent.Client, of map[string]*article.Record) error {
	if len(of) == 0 {
		return nil
	}
	rows, err := c.Article.Query().Where(entarticle.IDIn(keysOf(of)...)).Select(entarticle.FieldID, entarticle.FieldOriginAddress).All(ctx)
	for _, row := range rows {
		is := of[row.ID]
		is.OriginAddress = erased(policy.ArticleAddress, row.OriginAddress, is.OriginAddress)
	}
	return err
}

func keepComments(ctx context.Context, c *ent.Client, of map[string]*archive.Comment, forgotten map[string]bool) error {
	if len(of) == 0 {
		return nil
	}
	rows, err := c.Comment.Query().Where(entcomment.IDIn(keysOf(of)...)).
		Select(entcomment.FieldID, entcomment.FieldText, entcomment.FieldTokenID, entcomment.FieldOriginAddress).All(ctx)
	for _, row := range rows {
		is := of[row.ID]
		is.OriginAddress = erased(policy.CommentAddress, row.OriginAddress, is.OriginAddress)
		if row.Text == redact.Erased && row.TokenID == "" && is.Text != redact.Erased {
			forgotten[row.ID] = true
		}
	}
	return err
}

func keepReports(ctx context.Context, c *ent.Client, of map[string]*archive.Report) error {
	if len(of) == 0 {
		return nil
	}
	rows, err := c.Report.Query().Where(entreport.IDIn(keysOf(of)...), entreport.ErasedAtNotNil()).All(ctx)
	for _, row := range rows {
		is := of[row.ID]
		is.OriginAddress, is.Evidence, is.Statement, is.ErasedAt = row.OriginAddress, row.Evidence, row.Statement, row.ErasedAt
	}
	return err
}

func keepSteps(ctx context.Context, c *ent.Client, of map[string]*archive.ReportEvent) error {
	if len(of) == 0 {
		return nil
	}
	ids, err := c.ReportEvent.Query().Where(reportevent.IDIn(keysOf(of)...), reportevent.Material("")).IDs(ctx)
	for _, id := range ids {
		of[id].Material = ""
	}
	return err
}
