// Package report handles reports (complaints) about content, from filing to the final
// decision.
//
// Anyone may file a report without an account. The reporter gets a receipt, a number that
// cannot be guessed, and uses it to follow the case and to add to it. Only moderators see
// who reported.
//
// A case is a state machine: workflow.go has its transitions in one table of pure data.
// Each transition writes an event to the history of the case and an entry to the audit
// log, in the same transaction. Deadlines count working days of the Chinese calendar and
// pause while the reporter has to act (deadline.go). Reports of the same kind about the
// same target are decided together: the first of them in the transaction of the decision, the
// rest in the background (followup.go).
//
// The package does not hide content itself; package takedown does. Reports are not in the
// change feed, because readers never see them; takedowns that follow from them are.
package report

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/workday"
	"github.com/tonggao/tonggao/internal/moderation/captcha"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/audit"
)

// Takedowns hides content and restores it, in the transaction of ctx.
type Takedowns interface {
	Apply(ctx context.Context, c *ent.Client, item, report, reason string) (*ent.Takedown, error)
	Lift(ctx context.Context, c *ent.Client, item, reason string) (*ent.Takedown, error)
}

// Alerts sends an alert to the operator's program, in the transaction of ctx.
type Alerts interface {
	Write(ctx context.Context, c *ent.Client, kind string, data any) error
}

// Options configures a Service.
type Options struct {
	Store     *store.Store
	Calendar  workday.Calendar
	Terms     func(context.Context) (Terms, error)
	Takedowns Takedowns
	Audit     *audit.Log
	Captcha   *captcha.Captcha // for reporters without a token; nil: none
	Alerts    Alerts           // nil: none are sent
	FileBytes int64            // of the files of undecided reports together; 0: no limit
}

// Service files, lists and decides reports.
type Service struct {
	store     *store.Store
	calendar  workday.Calendar
	terms     func(context.Context) (Terms, error)
	takedowns Takedowns
	audit     *audit.Log
	captcha   *captcha.Captcha
	alerts    Alerts
	decided   chan struct{} // wakes Run

	maxFiles int64
	files    atomic.Int64 // bytes of the files of undecided reports, when they were counted last
}

// New returns a Service with the given options.
func New(o Options) *Service {
	return &Service{store: o.Store, calendar: o.Calendar, terms: o.Terms, takedowns: o.Takedowns, audit: o.Audit, captcha: o.Captcha, alerts: o.Alerts,
		decided: make(chan struct{}, 1), maxFiles: o.FileBytes}
}

// ByIDs returns those of the reports that the viewer may see.
func (s *Service) ByIDs(ctx context.Context, ids []string) (map[string]*ent.Report, error) {
	rows, err := s.store.Client(ctx).Report.Query().Where(report.IDIn(ids...)).CollectFields(ctx, nil).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read reports: %w", err)
	}
	found := make(map[string]*ent.Report, len(rows))
	for _, r := range rows {
		found[r.ID] = r
	}
	return found, nil
}
