package report

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// interval is how often cases are looked at: deadlines are days.
const interval = time.Minute

// Run moves cases on and watches their deadlines until ctx ends. It raises the
// alarms, and tells watch what Waiting says; what becomes overdue is also logged.
func (s *Service) Run(ctx context.Context, logger *slog.Logger, watch func(waiting, dueSoon, overdue, escalated int)) error {
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	known := 0
	for {
		if _, err := s.Wake(ctx); err != nil && ctx.Err() == nil {
			logger.ErrorContext(ctx, "cases were not moved on", "error", err)
		}
		if _, err := s.Alarm(ctx); err != nil && ctx.Err() == nil {
			logger.ErrorContext(ctx, "alarms of deadlines were not raised", "error", err)
		}
		waiting, dueSoon, overdue, escalated, err := s.Waiting(ctx)
		if err != nil && ctx.Err() == nil {
			logger.ErrorContext(ctx, "deadlines were not looked at", "error", err)
		}
		if err == nil {
			if watch(waiting, dueSoon, overdue, escalated); overdue > known {
				logger.WarnContext(ctx, "reports are overdue", "overdue", overdue, "escalated", escalated, "waiting", waiting)
			}
			known = overdue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
		}
	}
}

// batch is how many cases are moved on at once.
const batch = 100

// Wake moves on the cases whose time has come: what was missing did not come, or nobody
// went to court. It may run on several machines; a case is moved once. It returns how many
// it moved.
func (s *Service) Wake(ctx context.Context) (moved int, err error) {
	ctx = viewer.AsSystem(ctx)
	rows, err := s.store.Client(ctx).Report.Query().Where(report.WakesAtLTE(s.store.Clock())).
		Order(ent.Asc(report.FieldWakesAt)).Limit(batch).IDs(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for cases whose time has come: %w", err)
	}
	for _, id := range rows {
		err := s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error { return s.wake(ctx, c, id) })
		if err != nil && !errors.Is(err, errBusy) {
			return moved, fmt.Errorf("move %s on: %w", id, err)
		}
		moved++
	}
	return moved, nil
}

func (s *Service) wake(ctx context.Context, c *ent.Client, id string) error {
	r, err := c.Report.Get(ctx, id)
	if err != nil || r.WakesAt == nil || *r.WakesAt > s.store.Clock() {
		return err // somebody else moved it
	}
	do := step{event: Lapse, by: Clock, reason: "what was missing was not handed in in time"}
	if r.Status == report.StatusCOUNTERED {
		do = step{event: PeriodOver, by: Clock, reason: "nobody went to court in time"}
	}
	if _, err := s.take(ctx, c, r, do); err != nil {
		return err
	}
	return s.act(ctx, c, r, do.event, do.reason)
}
