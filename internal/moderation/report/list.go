package report

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/predicate"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Connection is a page of reports.
type Connection = pagination.Connection[*ent.Report]

// Edge is a report in a page.
type Edge = pagination.Edge[*ent.Report]

var nearestDeadline = pagination.Order{Name: "DUE_ASC", Column: report.FieldDueAt}

// rowsPath is the path of a selection to the rows of a connection.
var rowsPath = []string{"edges", "node"}

// List returns a page of the reports that match f, the nearest deadline first.
func (s *Service) List(ctx context.Context, f *Filter, r pagination.Request) (*Connection, error) {
	if err := policy.Require(ctx, policy.ReadReports); err != nil {
		return nil, err
	}
	if f == nil {
		f = &Filter{}
	}
	if f.Target != nil {
		if _, err := typeid.KindOf(*f.Target); err != nil {
			return nil, fault.Wrap(err, fault.BadUserInput, "filter.target: %v", err)
		}
	}
	w, err := s.store.Cursors.Window(r, "reports"+f.scope(), nearestDeadline)
	if err != nil {
		return nil, err
	}
	rows, err := pagination.Rows(w, func() ([]*ent.Report, error) {
		q := s.query(ctx, f).CollectFields(ctx, rowsPath, w.Order.Column)
		return q.Modify(w.Apply).All(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("list reports: %w", err)
	}
	return pagination.Connect(w, rows, position, s.query(ctx, f).Count), nil
}

// query returns the query of the reports that match f.
func (s *Service) query(ctx context.Context, f *Filter) *ent.ReportQuery {
	q := s.store.Client(ctx).Report.Query()
	if f.Status != nil {
		q.Where(report.StatusEQ(*f.Status))
	}
	if f.Kind != nil {
		q.Where(report.KindEQ(*f.Kind))
	}
	if f.Alarm != nil {
		q.Where(report.AlarmEQ(*f.Alarm))
	}
	if f.Target != nil {
		q.Where(report.Target(*f.Target))
	}
	if f.Overdue != nil {
		q.Where(when(*f.Overdue, report.And(report.StatusIn(awaitingModerator...), report.DueAtLT(s.store.Clock()))))
	}
	if f.Open != nil {
		q.Where(when(*f.Open, report.StatusIn(append(awaitingModerator, report.StatusNEEDS_MATERIAL)...)))
	}
	return q
}

// when returns p, or its negation where want is false.
func when(want bool, p predicate.Report) predicate.Report {
	if want {
		return p
	}
	return report.Not(p)
}

// scope returns a text that is the same for filters that select the same reports.
func (f *Filter) scope() string {
	text, _ := json.Marshal(f) // strings and booleans always marshal
	return string(text)
}

// position returns the place of r in the order of the list.
func position(r *ent.Report) pagination.Position {
	return pagination.Position{Value: int64(r.DueAt), ID: r.ID}
}
