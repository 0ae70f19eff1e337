package report

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Figure counts the reports of a kind in a state.
type Figure struct {
	Kind   report.Kind
	Status report.Status
	Count  int
}

// Figures counts the reports filed in a period by what became of them.
type Figures struct {
	Received, InTime, Late, Open, Overdue int
	ByOutcome                             []Figure
}

// longest is the longest period that Figures counts.
const longest = 366 * 24 * time.Hour

// Figures counts the reports filed from the first instant to before the second.
func (s *Service) Figures(ctx context.Context, from, until instant.Instant) (*Figures, error) {
	if err := policy.Require(ctx, policy.ReadReports); err != nil {
		return nil, err
	}
	if until <= from || until.Sub(from) > longest {
		return nil, fault.New(fault.BadUserInput, "until must come after from, by at most 366 days")
	}
	now := s.store.Clock()
	var rows []struct {
		Kind    report.Kind   `sql:"kind"`
		Status  report.Status `sql:"status"`
		Decided bool          `sql:"decided"`
		Late    bool          `sql:"late"`
		Count   int           `sql:"count"`
	}
	err := s.store.Client(ctx).Report.Query().Where(report.FiledAtGTE(from), report.FiledAtLT(until)).
		Modify(func(q *sql.Selector) {
			decided := fmt.Sprintf("(%s IS NOT NULL)", q.C(report.FieldDecidedAt))
			late := fmt.Sprintf("(COALESCE(%s, %d) > %s)", q.C(report.FieldDecidedAt), int64(now), q.C(report.FieldDueAt))
			q.Select(q.C(report.FieldKind), q.C(report.FieldStatus), sql.As(decided, "decided"), sql.As(late, "late"), sql.As("COUNT(*)", "count")).
				GroupBy(q.C(report.FieldKind), q.C(report.FieldStatus), decided, late).
				OrderBy(q.C(report.FieldKind), q.C(report.FieldStatus))
		}).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count the reports of a period: %w", err)
	}
	f := &Figures{}
	for _, r := range rows {
		f.Received += r.Count
		switch {
		case r.Decided && r.Late:
			f.Late += r.Count
		case r.Decided:
			f.InTime += r.Count
		case r.Late && IsOpen(r.Status):
			f.Overdue += r.Count
		default:
			f.Open += r.Count
		}
		if last := len(f.ByOutcome) - 1; last >= 0 && f.ByOutcome[last].Kind == r.Kind && f.ByOutcome[last].Status == r.Status {
			f.ByOutcome[last].Count += r.Count
			continue
		}
		f.ByOutcome = append(f.ByOutcome, Figure{r.Kind, r.Status, r.Count})
	}
	return f, nil
}

// Waiting returns how many cases wait for a moderator, and of how many of them the deadline
// is near, has passed, or passed a working day ago. Escalated cases count as overdue too.
func (s *Service) Waiting(ctx context.Context) (waiting, dueSoon, overdue, escalated int, err error) {
	var rows []struct {
		Alarm report.Alarm `json:"alarm"`
		Count int          `json:"count"`
	}
	err = s.store.Client(ctx).Report.Query().Where(report.StatusIn(awaitingModerator...)).
		GroupBy(report.FieldAlarm).Aggregate(ent.Count()).Scan(viewer.AsSystem(ctx), &rows)
	if err != nil {
		return 0, 0, 0, 0, fmt.Errorf("count the waiting reports: %w", err)
	}
	for _, row := range rows {
		waiting += row.Count
		switch row.Alarm {
		case report.AlarmDUE_SOON:
			dueSoon += row.Count
		case report.AlarmOVERDUE:
			overdue += row.Count
		case report.AlarmESCALATED:
			overdue, escalated = overdue+row.Count, escalated+row.Count
		}
	}
	return waiting, dueSoon, overdue, escalated, nil
}
