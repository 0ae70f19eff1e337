package store

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/attachment"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/reportevent"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/store/setting"
)

// sealedWith is the setting that names the key with which everything is sealed.
const sealedWith = "all_sealed_with"

// sealBatch is how many rows are sealed in one transaction.
const sealBatch = 200

// SealOld seals what was written before there was a key, or with a key that is not
// the current one, and says how many rows that were, and how many values no key opens.
// It goes through everything once for each key, a batch at a time, and may be interrupted.
func (s *Store) SealOld(ctx context.Context) (sealed, locked int, err error) {
	ctx = viewer.AsSystem(ctx)
	key := s.Keys.Current()
	if key == "" {
		return 0, 0, nil
	}
	if done, _, err := setting.Get(ctx, s.client, sealedWith); err != nil || done == key {
		return 0, 0, err
	}
	for _, batch := range []func(context.Context, *ent.Client, string) (int, string, error){s.sealArticles, s.sealComments, s.sealReports, s.sealSteps, s.sealFiles} {
		for after, n := "", 1; n > 0; {
			err := s.Tx(ctx, func(ctx context.Context, c *ent.Client) (err error) {
				n, after, err = batch(ctx, c, after)
				return err
			})
			if err != nil {
				return sealed, 0, fmt.Errorf("seal what was written open: %w", err)
			}
			sealed += n
		}
	}
	if locked, err = s.Locked(ctx); err != nil {
		return sealed, 0, err
	}
	return sealed, locked, setting.Put(ctx, s.client, sealedWith, key)
}

func (s *Store) sealArticles(ctx context.Context, c *ent.Client, after string) (n int, last string, err error) {
	rows, err := c.Article.Query().Where(article.IDGT(after), article.OriginAddressNEQ(""),
		article.Not(article.OriginAddressHasPrefix(s.Keys.Current()))).Order(article.ByID()).Limit(sealBatch).
		Select(article.FieldID, article.FieldOriginAddress).All(ctx)
	for _, row := range rows {
		if err != nil {
			break
		}
		last = row.ID
		err = s.put(policy.Address, row.ID, row.OriginAddress, func(set func(*sql.UpdateBuilder)) error {
			return c.Article.Update().Where(article.ID(row.ID)).Modify(set).Exec(ctx)
		})
	}
	return len(rows), last, err
}

func (s *Store) sealComments(ctx context.Context, c *ent.Client, after string) (n int, last string, err error) {
	rows, err := c.Comment.Query().Where(comment.IDGT(after), comment.OriginAddressNEQ(""),
		comment.Not(comment.OriginAddressHasPrefix(s.Keys.Current()))).Order(comment.ByID()).Limit(sealBatch).
		Select(comment.FieldID, comment.FieldOriginAddress).All(ctx)
	for _, row := range rows {
		if err != nil {
			break
		}
		last = row.ID
		err = s.put(policy.Address, row.ID, row.OriginAddress, func(set func(*sql.UpdateBuilder)) error {
			return c.Comment.Update().Where(comment.ID(row.ID)).Modify(set).Exec(ctx)
		})
	}
	return len(rows), last, err
}

// sealReports takes care that nobody handed more evidence in meanwhile.
func (s *Store) sealReports(ctx context.Context, c *ent.Client, after string) (n int, last string, err error) {
	key := s.Keys.Current()
	rows, err := c.Report.Query().Where(report.IDGT(after), report.Or(
		report.And(report.OriginAddressNEQ(""), report.Not(report.OriginAddressHasPrefix(key))),
		report.And(report.EvidenceNEQ(""), report.Not(report.EvidenceHasPrefix(key))))).Order(report.ByID()).Limit(sealBatch).
		Select(report.FieldID, report.FieldOriginAddress, report.FieldEvidence, report.FieldVersion).All(ctx)
	for _, row := range rows {
		if err != nil {
			break
		}
		last = row.ID
		for column, value := range map[string]string{policy.Address: row.OriginAddress, policy.Evidence: row.Evidence} {
			if err == nil {
				err = s.put(column, row.ID, value, func(set func(*sql.UpdateBuilder)) error {
					return c.Report.Update().Where(report.ID(row.ID), report.Version(row.Version)).Modify(set).Exec(ctx)
				})
			}
		}
	}
	return len(rows), last, err
}

// sealSteps seals what was handed in with the steps of cases.
func (s *Store) sealSteps(ctx context.Context, c *ent.Client, after string) (n int, last string, err error) {
	rows, err := c.ReportEvent.Query().Where(reportevent.IDGT(after), reportevent.MaterialNEQ(""),
		reportevent.Not(reportevent.MaterialHasPrefix(optional.String(s.Keys.Current())))).Order(reportevent.ByID()).Limit(sealBatch).
		Select(reportevent.FieldID, reportevent.FieldMaterial).All(ctx)
	for _, row := range rows {
		if err != nil {
			break
		}
		last = row.ID
		err = s.put(policy.Material, row.ID, string(row.Material), func(set func(*sql.UpdateBuilder)) error {
			return c.ReportEvent.Update().Where(reportevent.ID(row.ID)).Modify(set).Exec(ctx)
		})
	}
	return len(rows), last, err
}

// sealFiles seals a file that an older key sealed, one at a time, as they are large.
// One that cannot be opened stays as it is.
func (s *Store) sealFiles(ctx context.Context, c *ent.Client, after string) (n int, last string, err error) {
	row, err := c.Attachment.Query().Where(attachment.IDGT(after), attachment.SealedWithNEQ(s.Keys.Current())).
		Order(attachment.ByID()).First(ctx)
	if ent.IsNotFound(err) {
		return 0, "", nil
	}
	if err != nil {
		return 0, "", err
	}
	purpose := policy.Purpose(attachment.FieldContent, row.ID)
	open, err := s.Keys.OpenBytes(purpose, row.Content)
	if err != nil {
		return 1, row.ID, nil
	}
	sealed, err := s.Keys.SealBytes(purpose, open)
	if err != nil {
		return 0, "", err
	}
	return 1, row.ID, c.Attachment.UpdateOneID(row.ID).SetContent(sealed).SetSealedWith(s.Keys.Current()).Exec(ctx)
}

// put seals a value that was opened and hands on how it is written. One that could
// not be opened stays as it is.
func (s *Store) put(column, id, value string, write func(func(*sql.UpdateBuilder)) error) error {
	if value == "" || seal.Is(value) {
		return nil
	}
	sealed, err := s.Keys.Seal(policy.Purpose(column, id), value)
	if err != nil {
		return err
	}
	return write(func(u *sql.UpdateBuilder) { u.Set(column, sealed) })
}
