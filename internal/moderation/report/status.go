package report

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/reportevent"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// Case is what whoever holds a receipt may know of a report.
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

// CaseOf is what may be known of r at now.
func CaseOf(r *ent.Report, now instant.Instant) *Case {
	return &Case{Status: r.Status, Kind: r.Kind, FiledAt: r.FiledAt, DueAt: r.DueAt, Overdue: Overdue(r, now),
		Missing: r.Missing, Reason: r.Reason, id: r.ID}
}

// Status tells whoever holds a receipt how the case stands.
func (s *Service) Status(ctx context.Context, receipt string) (*Case, error) {
	r, err := byReceipt(ctx, s.store.Client(ctx), receipt)
	if err != nil {
		return nil, err
	}
	return CaseOf(r, s.store.Clock()), nil
}

// Steps is the history of a case as its reporter may read it: without names, without
// what others handed in, and without the reports of others.
func (s *Service) Steps(ctx context.Context, c *Case) ([]*ent.ReportEvent, error) {
	rows, err := s.store.Client(ctx).ReportEvent.Query().Where(reportevent.ReportID(c.id), reportevent.EventNotIn(string(Joined), string(NearDeadline), string(PastDeadline), string(Escalate))).
		Order(reportevent.ByID()).All(viewer.AsSystem(ctx))
	for _, row := range rows {
		row.Actor, row.Material = "", ""
	}
	return rows, err
}
