package report

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/heartbeat"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// interval is how often Run looks for timers and alarms that are due.
const interval = time.Minute

// Run applies timers, raises alarms and follows up decisions until ctx ends. After each round it calls watch
// with the counts of Waiting, and logs when the number of overdue cases grew.
func (s *Service) Run(ctx context.Context, logger *slog.Logger, watch func(waiting, dueSoon, overdue, escalated int)) error {
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	known := 0
	round := func(ctx context.Context) error {
		_, timers := s.RunTimers(ctx)
		_, alarms := s.RaiseAlarms(ctx)
		_, decisions := s.FollowUp(ctx)
		files := s.watchFiles(ctx, logger)
		waiting, dueSoon, overdue, escalated, err := s.Waiting(ctx)
		if err == nil {
			if watch(waiting, dueSoon, overdue, escalated); overdue > known {
				logger.WarnContext(ctx, "reports are overdue", "overdue", overdue, "escalated", escalated, "waiting", waiting)
			}
			known = overdue
		}
		return errors.Join(timers, alarms, decisions, files, err)
	}
	for {
		if err := heartbeat.Round(ctx, interval, round); err != nil && ctx.Err() == nil {
			logger.ErrorContext(ctx, "timers of reports failed; retrying", "error", err, "interval", interval)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
		case <-s.decided:
		}
	}
}

// watchFiles counts the files of undecided reports, and logs a warning while they have four
// fifths of what they may.
func (s *Service) watchFiles(ctx context.Context, logger *slog.Logger) error {
	stored, err := s.countFiles(ctx, s.store.Client(ctx))
	if err == nil && s.maxFiles > 0 && stored >= s.maxFiles/5*4 {
		logger.WarnContext(ctx, "files of undecided reports are near their limit, at which further ones are refused: decide reports, or raise --report-file-bytes",
			"bytes", stored, "limit", s.maxFiles)
	}
	return err
}

// batch is how many cases one query reads.
const batch = 100

// RunTimers applies the timers that are due and returns their number: material did not
// arrive in time, or no lawsuit was filed. Replicas may call it at the same time; each
// timer is applied once.
func (s *Service) RunTimers(ctx context.Context) (n int, err error) {
	ctx = viewer.AsSystem(ctx)
	ids, err := s.store.Client(ctx).Report.Query().Where(report.WakesAtLTE(s.store.Clock())).
		Order(ent.Asc(report.FieldWakesAt)).Limit(batch).IDs(ctx)
	if err != nil {
		return 0, fmt.Errorf("find timers that are due: %w", err)
	}
	for _, id := range ids {
		err := s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error { return s.applyTimer(ctx, c, id) })
		if err != nil && !errors.Is(err, errConflict) {
			return n, fmt.Errorf("apply the timer of %s: %w", id, err)
		}
		n++
	}
	return n, nil
}

// applyTimer applies the timer of a report, unless a replica did.
func (s *Service) applyTimer(ctx context.Context, c *ent.Client, id string) error {
	r, err := s.lockGroup(ctx, c, id)
	if err != nil {
		return err
	}
	if r.WakesAt == nil || *r.WakesAt > s.store.Clock() {
		return nil
	}
	tr := trigger{event: Lapse, by: Clock, reason: "the missing material did not arrive in time"}
	if r.Status == report.StatusCOUNTERED {
		tr = trigger{event: PeriodOver, by: Clock, reason: "no lawsuit was filed in time"}
	}
	if err := s.apply(ctx, c, r, tr); err != nil {
		return err
	}
	return s.enforce(ctx, c, r, tr)
}
