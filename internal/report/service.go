// Package report takes complaints about what stands on the portal and lists
// them for those who decide.
//
// Nobody needs an account to report. Whoever does gets a receipt, a number that
// cannot be guessed, and may ask with it how the case stands; nothing else of a
// report is told to anybody but moderators. Every report has a deadline: the end
// of a working day of the Chinese calendar, fixed when it is filed. Reports are
// not in the change log, because no reader can notice them. The package refuses
// to decide: filing a report changes nothing of what it is about.
package report

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/instant"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/workday"
)

// WorkingDays tells within how many working days the portal handles a report.
type WorkingDays func(ctx context.Context) (int, error)

// Service is what can be done with reports.
type Service struct {
	store    *store.Store
	calendar workday.Calendar
	days     WorkingDays
}

// New is the service on s.
func New(s *store.Store, calendar workday.Calendar, days WorkingDays) *Service {
	return &Service{store: s, calendar: calendar, days: days}
}

// Overdue reports whether r is not decided at now and its deadline is over.
func Overdue(r *ent.Report, now instant.Instant) bool {
	return r.Status == report.StatusFILED && r.DueAt < now
}

// ByIDs is the reports with these ids that the viewer may see.
func (s *Service) ByIDs(ctx context.Context, ids []string) (map[string]*ent.Report, error) {
	rows, err := s.store.Client(ctx).Report.Query().Where(report.IDIn(ids...)).CollectFields(ctx, nil).All(ctx)
	if err != nil {
		return nil, err
	}
	found := make(map[string]*ent.Report, len(rows))
	for _, r := range rows {
		found[r.ID] = r
	}
	return found, nil
}
