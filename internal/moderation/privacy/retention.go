package privacy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/predicate"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/takedown"
	"github.com/tonggao/tonggao/internal/foundation/heartbeat"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/idempotency"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/store/setting"
)

// ErasedUpTo is the setting that holds how far the addresses of articles and comments are
// erased. An import that adds older ones deletes it, so that erasing starts from the
// beginning.
const ErasedUpTo = "erased_up_to"

const (
	interval = time.Hour
	batch    = 200 // rows that one transaction changes, so that writers do not wait long
)

// Erased counts what was erased.
type Erased struct {
	Addresses int // of articles and comments, of which the network part stays
	Reports   int // of which the reporter is erased
}

// Run erases personal data older than keep, and deletes expired idempotency keys, every hour
// until ctx ends.
func (s *Service) Run(ctx context.Context, keep time.Duration, logger *slog.Logger) error {
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	for {
		var n Erased
		err := heartbeat.Round(ctx, interval, func(ctx context.Context) (err error) {
			now := s.store.Clock()
			n, err = s.EraseExpired(ctx, now.Add(-keep))
			return errors.Join(err, idempotency.DeleteExpired(ctx, s.store.Client(ctx), now))
		})
		switch {
		case ctx.Err() != nil:
		case err != nil:
			logger.ErrorContext(ctx, "personal-data retention failed; retrying", "error", err, "interval", interval)
		case n != Erased{}:
			logger.InfoContext(ctx, "erased personal data at the end of its retention", "addresses", n.Addresses, "reports", n.Reports)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
		}
	}
}

// EraseExpired erases the personal data from before an instant: of the network addresses of
// articles and comments all but the public part, and of closed cases the reporter and the
// material. Items under legal hold (taken down, or the target of an open report) are kept,
// and so are cases whose target is taken down. It may be interrupted, and replicas may run
// it at the same time.
func (s *Service) EraseExpired(ctx context.Context, before instant.Instant) (n Erased, err error) {
	ctx = viewer.AsSystem(ctx)
	for _, step := range []func(context.Context, instant.Instant) (Erased, bool, error){s.eraseReleased, s.eraseAddresses, s.eraseReports} {
		for more := true; more && ctx.Err() == nil; {
			var did Erased
			if did, more, err = step(ctx, before); err != nil {
				return n, err
			}
			n.Addresses, n.Reports = n.Addresses+did.Addresses, n.Reports+did.Reports
		}
	}
	if n == (Erased{}) {
		return n, ctx.Err()
	}
	return n, s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		return s.audit.Append(ctx, c, audit.Entry{Action: "ERASE_OLD", Detail: map[string]any{"before": before, "addresses": n.Addresses, "reports": n.Reports}})
	})
}

// progress is how far the addresses of articles and comments are erased.
type progress struct {
	Article string   `json:"article"` // the last id that was examined
	Comment string   `json:"comment"`
	Held    []string `json:"held,omitempty"` // ids up to there that are under legal hold
}

// progress reads the progress and locks it until the transaction of c ends, so that
// replicas do not overwrite each other's.
func (s *Service) progress(ctx context.Context, c *ent.Client) (p progress, err error) {
	if err := s.store.LockAdvisory(ctx, c, store.ErasureLock); err != nil {
		return p, err
	}
	_, err = setting.GetJSON(ctx, c, ErasedUpTo, &p)
	return p, err
}

// save writes the progress.
func (p progress) save(ctx context.Context, c *ent.Client) error {
	return setting.PutJSON(ctx, c, ErasedUpTo, p)
}

// origin is the network address from which an article or a comment came.
type origin struct{ id, address string }

// eraseAddresses erases the next batch of addresses.
func (s *Service) eraseAddresses(ctx context.Context, before instant.Instant) (n Erased, more bool, err error) {
	err = s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		p, err := s.progress(ctx, c)
		if err != nil {
			return err
		}
		rows, err := nextOrigins(ctx, c, p, before)
		if err != nil || len(rows) == 0 {
			return err
		}
		held, erased, err := s.eraseOrigins(ctx, c, rows)
		if err != nil {
			return err
		}
		n.Addresses, more = erased, true
		p.Held = append(p.Held, held...)
		if last := rows[len(rows)-1].id; typeid.Is(typeid.Article, last) {
			p.Article = last
		} else {
			p.Comment = last
		}
		return p.save(ctx, c)
	})
	if err != nil {
		return Erased{}, false, fmt.Errorf("erase addresses: %w", err)
	}
	return n, more, nil
}

// nextOrigins returns the next batch of articles after p, or of comments where there are
// none.
func nextOrigins(ctx context.Context, c *ent.Client, p progress, before instant.Instant) ([]origin, error) {
	rows, err := articleOrigins(ctx, c, article.IDGT(p.Article), article.IDLT(typeid.First(typeid.Article, before)))
	if err != nil || len(rows) > 0 {
		return rows, err
	}
	return commentOrigins(ctx, c, comment.IDGT(p.Comment), comment.IDLT(typeid.First(typeid.Comment, before)))
}

// articleOrigins returns a batch of the articles that match.
func articleOrigins(ctx context.Context, c *ent.Client, match ...predicate.Article) (rows []origin, err error) {
	articles, err := c.Article.Query().Where(match...).Order(article.ByID()).Limit(batch).
		Select(article.FieldID, article.FieldOriginAddress).All(ctx)
	for _, a := range articles {
		rows = append(rows, origin{a.ID, a.OriginAddress})
	}
	return rows, err
}

// commentOrigins returns a batch of the comments that match.
func commentOrigins(ctx context.Context, c *ent.Client, match ...predicate.Comment) (rows []origin, err error) {
	comments, err := c.Comment.Query().Where(match...).Order(comment.ByID()).Limit(batch).
		Select(comment.FieldID, comment.FieldOriginAddress).All(ctx)
	for _, m := range comments {
		rows = append(rows, origin{m.ID, m.OriginAddress})
	}
	return rows, err
}

// eraseReleased erases the addresses of items whose legal hold has ended since.
func (s *Service) eraseReleased(ctx context.Context, _ instant.Instant) (n Erased, more bool, err error) {
	err = s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		p, err := s.progress(ctx, c)
		if err != nil || len(p.Held) == 0 {
			return err
		}
		var rows []origin
		for ids := range slices.Chunk(p.Held, batch) {
			articles, err := articleOrigins(ctx, c, article.IDIn(ids...))
			if err != nil {
				return err
			}
			comments, err := commentOrigins(ctx, c, comment.IDIn(ids...))
			if err != nil {
				return err
			}
			rows = append(append(rows, articles...), comments...)
		}
		before := len(p.Held)
		if p.Held, n.Addresses, err = s.eraseOrigins(ctx, c, rows); err != nil || len(p.Held) == before {
			return err
		}
		return p.save(ctx, c)
	})
	if err != nil {
		return Erased{}, false, fmt.Errorf("erase addresses after their legal hold: %w", err)
	}
	return n, false, nil
}

// eraseOrigins reduces the addresses of rows to their public part. It skips the items under
// legal hold and returns their ids, with the number of addresses that it erased.
func (s *Service) eraseOrigins(ctx context.Context, c *ent.Client, rows []origin) (held []string, erased int, err error) {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.id
	}
	if err := s.store.LockItems(ctx, c, ids...); err != nil {
		return nil, 0, err
	}
	hold, err := onHold(ctx, c, ids)
	if err != nil {
		return nil, 0, err
	}
	for _, row := range rows {
		public := policy.ArticleAddress.Erase(row.address)
		if row.address == public {
			continue
		}
		if hold[row.id] {
			held = append(held, row.id)
			continue
		}
		set := func(u *sql.UpdateBuilder) { u.Set(policy.ArticleAddress.Column, public) }
		if typeid.Is(typeid.Article, row.id) {
			err = c.Article.Update().Where(article.ID(row.id)).Modify(set).Exec(ctx)
		} else {
			err = c.Comment.Update().Where(comment.ID(row.id)).Modify(set).Exec(ctx)
		}
		if err != nil {
			return nil, 0, err
		}
		erased++
	}
	return held, erased, nil
}

// onHold returns which of the items are under legal hold: taken down, or the target of an
// open report.
func onHold(ctx context.Context, c *ent.Client, ids []string) (map[string]bool, error) {
	held := map[string]bool{}
	for part := range slices.Chunk(ids, batch) {
		down, err := c.Takedown.Query().Where(takedown.ItemIn(part...), takedown.LiftedAtIsNil()).Select(takedown.FieldItem).Strings(ctx)
		if err != nil {
			return nil, fmt.Errorf("find takedowns: %w", err)
		}
		open, err := c.Report.Query().Where(report.TargetIn(part...), report.StatusNotIn(policy.ClosedReports...)).Select(report.FieldTarget).Strings(ctx)
		if err != nil {
			return nil, fmt.Errorf("find open reports: %w", err)
		}
		for _, id := range append(down, open...) {
			held[id] = true
		}
	}
	return held, nil
}

// targetNotDown matches the reports whose target is not taken down.
func targetNotDown() predicate.Report {
	return func(q *sql.Selector) {
		t := sql.Table(takedown.Table)
		q.Where(sql.NotExists(sql.Select(t.C(takedown.FieldID)).From(t).
			Where(sql.And(sql.ColumnsEQ(t.C(takedown.FieldItem), q.C(report.FieldTarget)), sql.IsNull(t.C(takedown.FieldLiftedAt))))))
	}
}

// eraseReports erases the reporters of the next batch of closed cases.
func (s *Service) eraseReports(ctx context.Context, before instant.Instant) (n Erased, more bool, err error) {
	err = s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		n = Erased{} // may run twice
		rows, err := c.Report.Query().Where(report.ErasedAtIsNil(), report.DecidedAtLT(before), report.StatusIn(policy.ClosedReports...), targetNotDown()).
			Order(report.ByDecidedAt()).Limit(batch).All(ctx)
		if err != nil {
			return fmt.Errorf("find closed cases: %w", err)
		}
		if err := s.lockReports(ctx, c, rows); err != nil {
			return err
		}
		ids := make([]string, len(rows))
		for i, r := range rows {
			ids[i] = r.ID
		}
		rows, err = c.Report.Query().Where(report.IDIn(ids...), report.StatusIn(policy.ClosedReports...), targetNotDown()).All(ctx)
		if err != nil {
			return fmt.Errorf("read closed cases: %w", err)
		}
		for _, r := range rows {
			done, err := s.redactReport(ctx, c, r)
			if err != nil {
				return err
			}
			if done { // else the next run finds it again
				n.Reports++
			}
		}
		return nil
	})
	if err != nil {
		return Erased{}, false, fmt.Errorf("erase reporters: %w", err)
	}
	return n, n.Reports == batch, nil
}
