package privacy

import (
	"context"
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
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/store/setting"
)

// ErasedUpTo is the setting that says how far the addresses of articles and comments
// are erased. Whoever brings in older ones takes it away, so that all are looked at again.
const ErasedUpTo = "erased_up_to"

const (
	every = time.Hour
	batch = 200 // rows that one transaction erases, so that writers never wait long
)

// Erased is how much was erased.
type Erased struct {
	Addresses int // of articles and comments, of which the network part stays
	Reports   int // of which the reporter is known no longer
}

// Run erases what is older than keep until ctx ends, and says so.
func (s *Service) Run(ctx context.Context, keep time.Duration, logger *slog.Logger) error {
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for {
		n, err := s.EraseOld(ctx, s.store.Clock().Add(-keep))
		switch {
		case ctx.Err() != nil:
		case err != nil:
			logger.ErrorContext(ctx, "what tells of persons could not all be erased in time; it is tried again in an hour", "error", err)
		case n != Erased{}:
			logger.InfoContext(ctx, "erased what told of persons, as it was older than it has to be kept", "addresses", n.Addresses, "reports", n.Reports)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
		}
	}
}

// EraseOld erases what tells of persons and is from before an instant: of the network
// addresses of articles and comments all but the part that everybody sees, and of closed
// cases who reported, how to reach them and what they handed in. What is taken down, or is
// the subject of an open case, is left until that is over, and so are cases because of
// which something is down. It may be interrupted, and run on several machines.
func (s *Service) EraseOld(ctx context.Context, before instant.Instant) (n Erased, err error) {
	ctx = viewer.AsSystem(ctx)
	for _, step := range []func(context.Context, instant.Instant) (Erased, bool, error){s.eraseHeld, s.eraseAddresses, s.eraseReports} {
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

// reached is how far the addresses are erased.
type reached struct {
	Article string   `json:"article"` // the last id that was looked at
	Comment string   `json:"comment"`
	Held    []string `json:"held,omitempty"` // those before that were left
}

// reached is how far it was. It is held until the transaction of ctx ends, so that two
// machines do not write over one another.
func (s *Service) reached(ctx context.Context, c *ent.Client) (r reached, err error) {
	if err := s.store.LockAdvisory(ctx, c, store.ErasureLock); err != nil {
		return r, err
	}
	_, err = setting.GetJSON(ctx, c, ErasedUpTo, &r)
	return r, err
}

func (r reached) save(ctx context.Context, c *ent.Client) error {
	return setting.PutJSON(ctx, c, ErasedUpTo, r)
}

// traced is an article or a comment, with the address that it came from.
type traced struct{ id, address string }

// eraseAddresses goes on where the last run ended.
func (s *Service) eraseAddresses(ctx context.Context, before instant.Instant) (n Erased, more bool, err error) {
	err = s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		r, err := s.reached(ctx, c)
		if err != nil {
			return err
		}
		rows, last, err := next(ctx, c, r, before)
		if err != nil || len(rows) == 0 {
			return err
		}
		held, erased, err := s.erase(ctx, c, rows)
		if err != nil {
			return err
		}
		n.Addresses, more = erased, true
		r.Held = append(r.Held, held...)
		if typeid.Is(typeid.Article, last) {
			r.Article = last
		} else {
			r.Comment = last
		}
		return r.save(ctx, c)
	})
	if err != nil {
		return Erased{}, false, fmt.Errorf("erase old addresses: %w", err)
	}
	return n, more, nil
}

// next is the articles that come next, or else the comments.
func next(ctx context.Context, c *ent.Client, r reached, before instant.Instant) (rows []traced, last string, err error) {
	articles, err := c.Article.Query().Where(article.IDGT(r.Article), article.IDLT(typeid.First(typeid.Article, before))).
		Order(article.ByID()).Limit(batch).Select(article.FieldID, article.FieldOriginAddress).All(ctx)
	for _, a := range articles {
		rows, last = append(rows, traced{a.ID, a.OriginAddress}), a.ID
	}
	if err != nil || len(rows) > 0 {
		return rows, last, err
	}
	comments, err := c.Comment.Query().Where(comment.IDGT(r.Comment), comment.IDLT(typeid.First(typeid.Comment, before))).
		Order(comment.ByID()).Limit(batch).Select(comment.FieldID, comment.FieldOriginAddress).All(ctx)
	for _, m := range comments {
		rows, last = append(rows, traced{m.ID, m.OriginAddress}), m.ID
	}
	return rows, last, err
}

// eraseHeld looks again at what was left before.
func (s *Service) eraseHeld(ctx context.Context, _ instant.Instant) (n Erased, more bool, err error) {
	err = s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		r, err := s.reached(ctx, c)
		if err != nil || len(r.Held) == 0 {
			return err
		}
		var rows []traced
		for ids := range slices.Chunk(r.Held, batch) {
			articles, err := c.Article.Query().Where(article.IDIn(ids...)).Select(article.FieldID, article.FieldOriginAddress).All(ctx)
			if err != nil {
				return err
			}
			for _, a := range articles {
				rows = append(rows, traced{a.ID, a.OriginAddress})
			}
			comments, err := c.Comment.Query().Where(comment.IDIn(ids...)).Select(comment.FieldID, comment.FieldOriginAddress).All(ctx)
			if err != nil {
				return err
			}
			for _, m := range comments {
				rows = append(rows, traced{m.ID, m.OriginAddress})
			}
		}
		was := len(r.Held)
		if r.Held, n.Addresses, err = s.erase(ctx, c, rows); err != nil || len(r.Held) == was {
			return err
		}
		return r.save(ctx, c)
	})
	if err != nil {
		return Erased{}, false, fmt.Errorf("erase old addresses that were held: %w", err)
	}
	return n, false, nil
}

// erase leaves of the addresses of rows what everybody sees. It returns the ids of those
// that are held, which it leaves, and how many it erased.
func (s *Service) erase(ctx context.Context, c *ent.Client, rows []traced) (left []string, erased int, err error) {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.id
	}
	held, err := holds(ctx, c, ids)
	if err != nil {
		return nil, 0, err
	}
	for _, row := range rows {
		public := policy.ArticleAddress.Erase(row.address)
		if row.address == public {
			continue
		}
		if held[row.id] {
			left = append(left, row.id)
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
	return left, erased, nil
}

// decided is the states in which nobody works on a case.
var decided = []report.Status{report.StatusREJECTED, report.StatusWITHDRAWN, report.StatusRESTORED, report.StatusMEASURES_TAKEN, report.StatusUPHELD}

// holds is which of these are taken down, or the subject of a case that is open.
func holds(ctx context.Context, c *ent.Client, ids []string) (map[string]bool, error) {
	held := map[string]bool{}
	for part := range slices.Chunk(ids, batch) {
		down, err := c.Takedown.Query().Where(takedown.ItemIn(part...), takedown.LiftedAtIsNil()).Select(takedown.FieldItem).Strings(ctx)
		if err != nil {
			return nil, err
		}
		open, err := c.Report.Query().Where(report.TargetIn(part...), report.StatusNotIn(decided...)).Select(report.FieldTarget).Strings(ctx)
		if err != nil {
			return nil, err
		}
		for _, id := range append(down, open...) {
			held[id] = true
		}
	}
	return held, nil
}

// notDown is the reports on something that is not taken down.
func notDown() predicate.Report {
	return func(q *sql.Selector) {
		t := sql.Table(takedown.Table)
		q.Where(sql.NotExists(sql.Select(t.C(takedown.FieldID)).From(t).
			Where(sql.And(sql.ColumnsEQ(t.C(takedown.FieldItem), q.C(report.FieldTarget)), sql.IsNull(t.C(takedown.FieldLiftedAt))))))
	}
}

// eraseReports erases who reported, of some closed cases.
func (s *Service) eraseReports(ctx context.Context, before instant.Instant) (n Erased, _ bool, err error) {
	err = s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		rows, err := c.Report.Query().Where(report.ErasedAtIsNil(), report.DecidedAtLT(before), report.StatusIn(decided...), notDown()).
			Order(report.ByDecidedAt()).Limit(batch).All(ctx)
		for _, r := range rows {
			var done bool
			if err == nil {
				done, err = s.eraseReporter(ctx, c, r)
			}
			if done { // else the next run looks again
				n.Reports++
			}
		}
		return err
	})
	if err != nil {
		return Erased{}, false, fmt.Errorf("erase who reported: %w", err)
	}
	return n, n.Reports == batch, nil
}
