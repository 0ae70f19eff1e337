package report

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/reportevent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
)

var errNoReceipt = fault.New(fault.NotFound, "there is no report with this receipt; it looks like R-7KQ2-M9XD-4T8P-WZ3N: check every character")

// lockByReceipt locks the report with the given receipt until the transaction of c ends, and
// reads it.
func (s *Service) lockByReceipt(ctx context.Context, c *ent.Client, receipt string) (*ent.Report, error) {
	r, err := WithReceipt(ctx, s.store, receipt)
	if err != nil {
		return nil, err
	}
	return s.lock(ctx, c, r.ID)
}

// Case is what the holder of a receipt may see of a report.
type Case struct {
	Status  report.Status
	Kind    report.Kind
	FiledAt instant.Instant
	DueAt   instant.Instant
	Overdue bool
	Missing []string
	Reason  optional.String // of the last decision

	id string
}

// CaseOf returns what the holder of the receipt may see of r at now.
func CaseOf(r *ent.Report, now instant.Instant) *Case {
	return &Case{Status: r.Status, Kind: r.Kind, FiledAt: r.FiledAt, DueAt: r.DueAt, Overdue: Overdue(r, now),
		Missing: r.Missing, Reason: r.Reason, id: r.ID}
}

// Status returns the case with the given receipt.
func (s *Service) Status(ctx context.Context, receipt string) (*Case, error) {
	r, err := WithReceipt(ctx, s.store, receipt)
	if err != nil {
		return nil, err
	}
	return CaseOf(r, s.store.Clock()), nil
}

// PublicHistory returns the events of c that its reporter may see, without names, without
// material, and without other reports.
func (s *Service) PublicHistory(ctx context.Context, c *Case) ([]*ent.ReportEvent, error) {
	internal := []string{string(Joined), string(NearDeadline), string(PastDeadline), string(Escalate)}
	rows, err := s.store.Client(ctx).ReportEvent.Query().Where(reportevent.ReportID(c.id), reportevent.EventNotIn(internal...)).
		Order(reportevent.ByID()).All(viewer.AsSystem(ctx))
	if err != nil {
		return nil, fmt.Errorf("read the history of a report: %w", err)
	}
	for _, row := range rows {
		row.Actor, row.Material = "", ""
	}
	return rows, nil
}

// AddMaterial adds a statement or evidence to the case with the receipt. The clock resumes
// once nothing is missing.
func (s *Service) AddMaterial(ctx context.Context, in MaterialInput) (*ent.Report, error) {
	var bad fault.Invalid
	statement := ""
	if in.Statement != nil {
		statement = input.Text(&bad, "statement", *in.Statement, minStatement, maxStatement)
	}
	Evidence{}.with(in.Contact, in.Evidence, &bad)
	if in.Statement == nil && in.Contact == nil && in.Evidence == nil {
		bad.Add("REQUIRED", "statement", "send a statement, a contact or evidence")
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	return s.applyByReceipt(ctx, in.Receipt, func(r *ent.Report) (trigger, error) {
		evidence, err := EvidenceOf(r)
		if err != nil {
			return trigger{}, err
		}
		evidence = evidence.with(in.Contact, in.Evidence, &bad)
		return trigger{event: materialEvent(r, evidence), by: Reporter, material: statement, evidence: &evidence}, nil
	})
}

// materialEvent returns the event of adding material to r, whose evidence becomes e.
func materialEvent(r *ent.Report, e Evidence) Event {
	if r.Status == report.StatusNEEDS_MATERIAL && len(e.missing(r.Kind)) == 0 {
		return Complete
	}
	return AddMaterial
}

// ActByReceipt applies WITHDRAW, APPEAL or WENT_TO_COURT to the case with the receipt.
// Only a withdrawal needs no statement.
func (s *Service) ActByReceipt(ctx context.Context, event Event, in ReceiptInput) (*ent.Report, error) {
	var bad fault.Invalid
	text, least := "", minStatement
	if event == Withdraw {
		least = 0
	}
	if in.Statement != nil {
		text = *in.Statement
	}
	statement := input.Text(&bad, "statement", text, least, maxStatement)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	return s.applyByReceipt(ctx, in.Receipt, func(*ent.Report) (trigger, error) {
		return trigger{event: event, by: Reporter, material: statement}, nil
	})
}

// applyByReceipt applies the trigger that choose returns to the case with the receipt.
func (s *Service) applyByReceipt(ctx context.Context, receipt string, choose func(*ent.Report) (trigger, error)) (*ent.Report, error) {
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Report, error) {
		r, err := s.lockByReceipt(ctx, c, receipt)
		if err != nil {
			return nil, err
		}
		tr, err := choose(r)
		if err != nil {
			return nil, err
		}
		if err := s.apply(ctx, c, r, tr); err != nil {
			return nil, err
		}
		return r, nil
	})
}
