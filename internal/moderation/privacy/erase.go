package privacy

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/attachment"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/reportevent"
	"github.com/tonggao/tonggao/ent/token"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/redact"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Comments takes what somebody wrote away for good, in the transaction of ctx.
type Comments interface {
	Erase(ctx context.Context, c *ent.Client, row *ent.Comment) error
}

// Forgotten is what became of a request to be forgotten.
type Forgotten struct {
	Comments int      // that are gone
	Held     []string // ids of comments that the law has kept here: taken down, or the subject of an open case
}

var (
	errNoToken  = fault.New(fault.NotFound, "there is no such token; `tonggao token list` shows them")
	errNoReport = fault.New(fault.NotFound, "there is no report with this receipt; it looks like R-7KQ2-M9XD-4T8P-WZ3N: check every character")
)

// Forget erases the reader whose token this is (个人信息保护法, art. 47): the token ends,
// its name goes, and of each comment there stays a gap that its answers hang on. Those
// that are held stay until that is over; it is said which, so that somebody comes back to
// them. It may be interrupted, and called again.
func (s *Service) Forget(ctx context.Context, tokenID string) (f Forgotten, err error) {
	f.Held = []string{}
	ctx = viewer.AsSystem(ctx)
	c := s.store.Client(ctx)
	row, err := c.Token.Get(ctx, tokenID)
	if ent.IsNotFound(err) {
		return f, errNoToken
	}
	if err != nil {
		return f, fmt.Errorf("look up a token: %w", err)
	}
	if viewer.Role(row.Role) != viewer.Reader {
		return f, fault.New(fault.BadUserInput, "this is a token of the role %s: what it wrote is the portal's; `tonggao token revoke` ends it", row.Role)
	}
	now := s.store.Clock()
	u := c.Token.Update().Where(token.ID(tokenID)).SetName("")
	if row.RevokedAt == nil {
		u.SetRevokedAt(now)
	}
	if err := u.Exec(ctx); err != nil {
		return f, fmt.Errorf("end the token: %w", err)
	}
	for after, more := "", true; more; {
		var part Forgotten
		err := s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) (err error) {
			part, after, err = s.forgetSome(ctx, c, tokenID, after)
			return err
		})
		if err != nil {
			return f, fmt.Errorf("forget who wrote comments: %w", err)
		}
		f.Comments, f.Held = f.Comments+part.Comments, append(f.Held, part.Held...)
		more = after != "" && ctx.Err() == nil
	}
	if ctx.Err() != nil {
		return f, ctx.Err()
	}
	return f, s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		return s.audit.Append(ctx, c, audit.Entry{Action: "FORGET", Item: tokenID, Detail: map[string]any{"comments": f.Comments, "held": f.Held}})
	})
}

// EraseInput says that it is meant.
type EraseInput struct{ Sure bool }

// EraseMyself forgets the reader who asks.
func (s *Service) EraseMyself(ctx context.Context, in EraseInput) (Forgotten, error) {
	v := viewer.From(ctx)
	var bad fault.Invalid
	switch {
	case v.Role == viewer.Anonymous:
		return Forgotten{}, policy.Denied(v)
	case v.Role != viewer.Reader:
		return Forgotten{}, fault.New(fault.Forbidden, "what a %s writes is the portal's; only readers erase themselves", v.Role)
	case !in.Sure:
		bad.Add("REQUIRED", "sure", "what is erased does not come back; show the person what is kept (viewer.personalData), then send true")
		return Forgotten{}, bad
	}
	return s.Forget(ctx, v.TokenID)
}

// forgetSome forgets some of a reader's comments. After is the last, and empty where
// there are no more.
func (s *Service) forgetSome(ctx context.Context, c *ent.Client, tokenID, after string) (f Forgotten, last string, err error) {
	rows, err := c.Comment.Query().Where(comment.TokenID(tokenID), comment.IDGT(after)).Order(comment.ByID()).Limit(batch).All(ctx)
	if err != nil || len(rows) == 0 {
		return f, "", err
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	held, err := holds(ctx, c, ids)
	if err != nil {
		return f, "", err
	}
	for _, row := range rows {
		if held[row.ID] {
			f.Held = append(f.Held, row.ID)
			continue
		}
		if err := s.comments.Erase(ctx, c, row); err != nil {
			return f, "", err
		}
		// Closed cases about it keep the hash of what was reported.
		err = c.Report.Update().Where(report.Target(row.ID)).Modify(func(u *sql.UpdateBuilder) { u.Set(report.FieldSnapshot, "") }).Exec(ctx)
		if err != nil {
			return f, "", err
		}
		f.Comments++
	}
	return f, rows[len(rows)-1].ID, nil
}

// ForgetReporter erases who filed the report with this receipt, what they stated and what
// they handed in. The case has to be closed, and nothing down because of it. What was
// decided, and when, stays: that is the portal's own record.
func (s *Service) ForgetReporter(ctx context.Context, receipt string) error {
	ctx = viewer.AsSystem(ctx)
	return s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		r, err := c.Report.Query().Where(report.Receipt(receipt)).Only(ctx)
		if ent.IsNotFound(err) {
			return errNoReport
		}
		if err != nil {
			return fmt.Errorf("look up a receipt: %w", err)
		}
		free, err := c.Report.Query().Where(report.ID(r.ID), report.StatusIn(decided...), notDown()).Exist(ctx)
		if err != nil {
			return err
		}
		if !free {
			return fault.New(fault.Conflict, "this case is %s: it has to be kept while it is open or something is down because of it; its reporter can withdraw it with withdrawReport, and it is erased by itself later", r.Status)
		}
		erased, err := s.eraseReporter(ctx, c, r)
		if err == nil && !erased {
			err = fault.New(fault.Conflict, "somebody moved this case on at the same moment; try again")
		}
		if err != nil {
			return err
		}
		err = c.Report.Update().Where(report.ID(r.ID)).
			Modify(func(u *sql.UpdateBuilder) { u.Set(report.FieldStatement, redact.Erased) }).Exec(ctx)
		if err != nil {
			return err
		}
		return s.audit.Append(ctx, c, audit.Entry{Action: "FORGET", Item: r.ID})
	})
}

// eraseReporter erases who filed a report, and what was handed in with the steps of the
// case. What work it was about stays, and so does the keyed hash by which a notice that
// may not be repeated is known. Not done means that somebody moved the case on.
func (s *Service) eraseReporter(ctx context.Context, c *ent.Client, r *ent.Report) (done bool, err error) {
	n, err := c.Report.Update().Where(report.ID(r.ID), report.Version(r.Version)).SetErasedAt(s.store.Clock()).
		Modify(func(u *sql.UpdateBuilder) {
			u.Set(policy.ReportAddress.Column, policy.ReportAddress.Erase(r.OriginAddress)).
				Set(policy.ReportEvidence.Column, policy.ReportEvidence.Erase(r.Evidence))
		}).Save(ctx)
	if err != nil || n == 0 {
		return false, err
	}
	if _, err := c.Attachment.Delete().Where(attachment.ReportID(r.ID)).Exec(ctx); err != nil {
		return false, err
	}
	return true, c.ReportEvent.Update().Where(reportevent.ReportID(r.ID), reportevent.MaterialNEQ("")).
		Modify(func(u *sql.UpdateBuilder) { u.Set(policy.EventMaterial.Column, "") }).Exec(ctx)
}
