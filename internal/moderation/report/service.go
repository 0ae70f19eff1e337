// Package report takes complaints about what stands on the portal and sees each
// through to its end.
//
// Nobody needs an account to report. Whoever does gets a receipt, a number that
// cannot be guessed, and may follow the case with it and add to it; nothing of who
// reported is told to anybody but moderators. A case goes by one table (workflow.go)
// of pure transitions; each step is a line in the case's history and in the audit,
// in the transaction of the step. Deadlines count working days of the Chinese
// calendar (clock.go) and stand still while the reporter has to act. Reports of the
// same thing for the same reason are decided together. Reports are not in the change
// log, because no reader can notice them; what is taken down because of one is.
package report

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/workday"
	"github.com/tonggao/tonggao/internal/moderation/captcha"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/audit"
)

// Measures takes content down and brings it back, in the transaction of ctx.
type Takedowns interface {
	Take(ctx context.Context, c *ent.Client, item, report, reason string) (*ent.Takedown, error)
	Lift(ctx context.Context, c *ent.Client, item, reason string) (*ent.Takedown, error)
}

// Options are what a service rests on.
type Options struct {
	Store     *store.Store
	Calendar  workday.Calendar
	Terms     func(context.Context) (Terms, error) // of the site
	Takedowns Takedowns
	Audit     *audit.Log
	Captcha   *captcha.Captcha // of those without a token; nil: none
	Alerts    Alerts           // nil: nobody is told
}

// Service is what can be done with reports.
type Service struct {
	store    *store.Store
	calendar workday.Calendar
	terms    func(context.Context) (Terms, error)
	measures Takedowns
	audit    *audit.Log
	captcha  *captcha.Captcha
	notices  Alerts
}

// New is the service on o.
func New(o Options) *Service {
	return &Service{o.Store, o.Calendar, o.Terms, o.Takedowns, o.Audit, o.Captcha, o.Alerts}
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
