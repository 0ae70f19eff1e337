package report

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/fault"
	"github.com/tonggao/tonggao/internal/instant"
	"github.com/tonggao/tonggao/internal/viewer"
)

// Case is what whoever holds a receipt may know of a report.
type Case struct {
	Status  report.Status
	Kind    report.Kind
	FiledAt instant.Instant
	DueAt   instant.Instant
	Overdue bool
}

// CaseOf is what may be known of r at now.
func CaseOf(r *ent.Report, now instant.Instant) *Case {
	return &Case{Status: r.Status, Kind: r.Kind, FiledAt: r.FiledAt, DueAt: r.DueAt, Overdue: Overdue(r, now)}
}

// Status tells whoever holds a receipt how the case stands. A number that is no
// receipt is looked for all the same, so that the answer takes as long.
func (s *Service) Status(ctx context.Context, receipt string) (*Case, error) {
	number, _ := Receipt(receipt)
	system := viewer.AsSystem(ctx) // the receipt is the permission
	r, err := s.store.Client(ctx).Report.Query().Where(report.Receipt(number)).
		Select(report.FieldStatus, report.FieldKind, report.FieldFiledAt, report.FieldDueAt).Only(system)
	if ent.IsNotFound(err) {
		return nil, fault.New(fault.NotFound, "there is no report with this receipt; it looks like R-7KQ2-M9XD-4T8P-WZ3N: check every character")
	}
	if err != nil {
		return nil, fmt.Errorf("look up a receipt: %w", err)
	}
	return CaseOf(r, s.store.Clock()), nil
}
