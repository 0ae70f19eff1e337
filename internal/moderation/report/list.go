package report

import (
	"context"
	"encoding/json"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/store/policy"
)

var nearestDeadline = pagination.Order{Name: "DUE_ASC", Column: report.FieldDueAt}

// rowsPath is how a selection reaches the rows of a connection.
var rowsPath = []string{"edges", "node"}

// List is a page of the reports that f lets through, the nearest deadline first.
// For moderators.
func (s *Service) List(ctx context.Context, f *Filter, r pagination.Request) (*Connection, error) {
	if v := viewer.From(ctx); !policy.IsModerator(v) {
		return nil, policy.Denied(v)
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
		return nil, err
	}
	return pagination.Connect(w, rows, position, s.query(ctx, f).Count), nil
}

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
		late := report.And(report.StatusIn(running...), report.DueAtLT(s.store.Clock()))
		if !*f.Overdue {
			late = report.Not(late)
		}
		q.Where(late)
	}
	if f.Open != nil {
		open := report.StatusIn(append(running, report.StatusNEEDS_MATERIAL)...)
		if !*f.Open {
			open = report.Not(open)
		}
		q.Where(open)
	}
	return q
}

// scope is everything in f that decides which reports are in the list.
func (f *Filter) scope() string {
	text, _ := json.Marshal(f) // strings and booleans always marshal
	return string(text)
}

func position(r *ent.Report) pagination.Position {
	return pagination.Position{Value: int64(r.DueAt), ID: r.ID}
}
