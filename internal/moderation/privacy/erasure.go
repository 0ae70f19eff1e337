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
	cases "github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Comments erases the content and the author of a comment, in the transaction of ctx.
type Comments interface {
	Erase(ctx context.Context, c *ent.Client, row *ent.Comment) error
}

// Erasure is the result of erasing a reader.
type Erasure struct {
	Comments int      // erased
	Held     []string // ids of comments under legal hold: taken down, or the target of an open report
}

var errNoToken = fault.New(fault.NotFound, "there is no such token; `tonggao token list` shows them")

// EraseReader erases the reader with the token (个人信息保护法, art. 47): it revokes the
// token, clears its name, and replaces each comment by an empty one, so that replies keep
// their place. Comments under legal hold stay, and are returned so that the request can be
// repeated later. It may be interrupted and called again.
func (s *Service) EraseReader(ctx context.Context, tokenID string) (Erasure, error) {
	ctx = viewer.AsSystem(ctx)
	if err := s.checkReader(ctx, tokenID); err != nil {
		return Erasure{}, err
	}
	if _, err := s.revoke(ctx, tokenID); err != nil {
		return Erasure{}, err
	}
	return s.eraseAll(ctx, tokenID)
}

// eraseAll erases the comments of a reader whose token is revoked.
func (s *Service) eraseAll(ctx context.Context, tokenID string) (Erasure, error) {
	e := Erasure{Held: []string{}}
	for after, more := "", true; more; {
		var part Erasure
		var last string
		err := s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) (err error) { // may run twice
			part, last, err = s.eraseComments(ctx, c, tokenID, after)
			return err
		})
		if err != nil {
			return e, fmt.Errorf("erase the comments of a reader: %w", err)
		}
		e.Comments, e.Held = e.Comments+part.Comments, append(e.Held, part.Held...)
		after, more = last, last != "" && ctx.Err() == nil
	}
	if ctx.Err() != nil {
		return e, ctx.Err()
	}
	return e, s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		return s.audit.Append(ctx, c, audit.Entry{Action: "FORGET", Item: tokenID, Detail: map[string]any{"comments": e.Comments, "held": e.Held}})
	})
}

// EraseInput confirms an erasure.
type EraseInput struct{ Sure bool }

// EraseMyself erases the reader who calls it. Of two calls at once one erases.
func (s *Service) EraseMyself(ctx context.Context, in EraseInput) (Erasure, error) {
	if err := policy.Require(ctx, policy.OwnPersonalData); err != nil {
		return Erasure{}, err
	}
	if !in.Sure {
		var bad fault.Invalid
		bad.Add("REQUIRED", "sure", "what is erased cannot be restored; show the person what is stored (viewer.personalData), then send true")
		return Erasure{}, bad
	}
	id, system := viewer.From(ctx).TokenID, viewer.AsSystem(ctx)
	first, err := s.revoke(system, id)
	if err != nil {
		return Erasure{}, err
	}
	if !first {
		return Erasure{}, fault.New(fault.Unauthenticated, "this token was revoked: its reader is being erased already")
	}
	return s.eraseAll(system, id)
}

// readToken reads a token.
func (s *Service) readToken(ctx context.Context, id string) (*ent.Token, error) {
	row, err := s.store.Client(ctx).Token.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, errNoToken
	}
	if err != nil {
		return nil, fmt.Errorf("read a token: %w", err)
	}
	return row, nil
}

// checkReader refuses a token whose comments belong to the portal.
func (s *Service) checkReader(ctx context.Context, id string) error {
	row, err := s.readToken(ctx, id)
	if err != nil {
		return err
	}
	owner := viewer.With(ctx, viewer.Viewer{Role: viewer.Role(row.Role), TokenID: row.ID})
	if !policy.Allows(owner, policy.OwnPersonalData) {
		return fault.New(fault.BadUserInput, "this is a token of the role %s, and what it wrote belongs to the portal; `tonggao token revoke` ends it", row.Role)
	}
	return nil
}

// revoke revokes a reader's token and clears its name. It reports whether the token was in force.
func (s *Service) revoke(ctx context.Context, id string) (wasInForce bool, err error) {
	err = s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		n, err := c.Token.Update().Where(token.ID(id), token.RevokedAtIsNil()).SetRevokedAt(s.store.Clock()).Save(ctx)
		if err != nil {
			return err
		}
		wasInForce = n > 0
		return c.Token.Update().Where(token.ID(id)).SetName("").Exec(ctx)
	})
	if err != nil {
		return false, fmt.Errorf("revoke a token: %w", err)
	}
	return wasInForce, nil
}

// eraseComments erases the next batch of a reader's comments. It returns the id of the
// last, or "" where there are no more.
func (s *Service) eraseComments(ctx context.Context, c *ent.Client, tokenID, after string) (e Erasure, last string, err error) {
	ids, err := c.Comment.Query().Where(comment.TokenID(tokenID), comment.IDGT(after)).Order(comment.ByID()).Limit(batch).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return e, "", err
	}
	if err := s.store.LockItems(ctx, c, ids...); err != nil {
		return e, "", err
	}
	rows, err := c.Comment.Query().Where(comment.IDIn(ids...), comment.TokenID(tokenID)).Order(comment.ByID()).All(ctx)
	if err != nil {
		return e, "", fmt.Errorf("read the comments of a reader: %w", err)
	}
	held, err := onHold(ctx, c, ids)
	if err != nil {
		return e, "", err
	}
	for _, row := range rows {
		if held[row.ID] {
			e.Held = append(e.Held, row.ID)
			continue
		}
		if err := s.comments.Erase(ctx, c, row); err != nil {
			return e, "", err
		}
		// Closed reports about it keep only the hash of their snapshot.
		err = c.Report.Update().Where(report.Target(row.ID)).Modify(func(u *sql.UpdateBuilder) { u.Set(report.FieldSnapshot, "") }).Exec(ctx)
		if err != nil {
			return e, "", err
		}
		e.Comments++
	}
	return e, ids[len(ids)-1], nil
}

var (
	errCaseMoved = fault.New(fault.Conflict, "this case was changed at the same moment; try again")
)

// EraseReporter erases the reporter of the report with the receipt, with the statement and
// the material. The case must be closed and its target not taken down. The decision and
// its time stay: they are the portal's own record.
func (s *Service) EraseReporter(ctx context.Context, receipt string) error {
	ctx = viewer.AsSystem(ctx)
	return s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		r, err := cases.WithReceipt(ctx, s.store, receipt)
		if err != nil {
			return err
		}
		if err := s.lockReports(ctx, c, []*ent.Report{r}); err != nil {
			return err
		}
		if r, err = cases.WithReceipt(ctx, s.store, receipt); err != nil {
			return err
		}
		erasable, err := c.Report.Query().Where(report.ID(r.ID), report.StatusIn(policy.ClosedReports...), targetNotDown()).Exist(ctx)
		if err != nil {
			return fmt.Errorf("read the state of a case: %w", err)
		}
		if !erasable {
			return fault.New(fault.Conflict, "this case is %s and has to be kept while it is open or its target is taken down; the reporter can withdraw it with withdrawReport, and it is erased automatically when its retention ends", r.Status)
		}
		erased, err := s.redactReport(ctx, c, r)
		if err != nil {
			return err
		}
		if !erased {
			return errCaseMoved
		}
		err = c.Report.Update().Where(report.ID(r.ID)).
			Modify(func(u *sql.UpdateBuilder) { u.Set(report.FieldStatement, redact.Erased) }).Exec(ctx)
		if err != nil {
			return fmt.Errorf("erase the statement of %s: %w", r.ID, err)
		}
		return s.audit.Append(ctx, c, audit.Entry{Action: "FORGET", Item: r.ID})
	})
}

// lockReports locks reports and, before them, their targets.
func (s *Service) lockReports(ctx context.Context, c *ent.Client, reports []*ent.Report) error {
	ids, targets := make([]string, len(reports)), make([]string, len(reports))
	for i, r := range reports {
		ids[i], targets[i] = r.ID, r.Target
	}
	if err := s.store.LockItems(ctx, c, targets...); err != nil {
		return err
	}
	return s.store.LockRows(ctx, c, store.ForChange, report.Table, ids...)
}

// redactReport erases the reporter of r and all material. The title of the work stays, and
// so does the keyed hash that recognises a repeated notice. It reports false where r was
// changed in the meantime.
func (s *Service) redactReport(ctx context.Context, c *ent.Client, r *ent.Report) (done bool, err error) {
	n, err := c.Report.Update().Where(report.ID(r.ID), report.Version(r.Version)).SetErasedAt(s.store.Clock()).
		Modify(func(u *sql.UpdateBuilder) {
			u.Set(policy.ReportAddress.Column, policy.ReportAddress.Erase(r.OriginAddress)).
				Set(policy.ReportEvidence.Column, policy.ReportEvidence.Erase(r.Evidence))
		}).Save(ctx)
	if err != nil {
		return false, fmt.Errorf("erase the reporter of %s: %w", r.ID, err)
	}
	if n == 0 {
		return false, nil
	}
	if _, err := c.Attachment.Delete().Where(attachment.ReportID(r.ID)).Exec(ctx); err != nil {
		return false, fmt.Errorf("erase the files of %s: %w", r.ID, err)
	}
	err = c.ReportEvent.Update().Where(reportevent.ReportID(r.ID), reportevent.MaterialNEQ("")).
		Modify(func(u *sql.UpdateBuilder) { u.Set(policy.EventMaterial.Column, "") }).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("erase the material of %s: %w", r.ID, err)
	}
	return true, nil
}
