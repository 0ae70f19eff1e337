package report

import (
	"cmp"
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
)

// lock locks the report with the id until the transaction of c ends, and reads it.
func (s *Service) lock(ctx context.Context, c *ent.Client, id string) (*ent.Report, error) {
	if err := s.store.LockRows(ctx, c, store.ForChange, report.Table, id); err != nil {
		return nil, err
	}
	r, err := withoutSnapshot(c).Where(report.ID(id)).Only(viewer.AsSystem(ctx))
	if ent.IsNotFound(err) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read a report: %w", err)
	}
	return r, nil
}

// lockGroup locks the target of a report and the first report of its group, for a decision
// that concerns them all, and then the report, and reads it.
func (s *Service) lockGroup(ctx context.Context, c *ent.Client, id string) (*ent.Report, error) {
	r, err := c.Report.Query().Where(report.ID(id)).Select(report.FieldTarget, report.FieldLeaderID).Only(viewer.AsSystem(ctx))
	if ent.IsNotFound(err) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read the target of a report: %w", err)
	}
	if err := s.store.LockItems(ctx, c, r.Target); err != nil {
		return nil, err
	}
	if err := s.store.LockRows(ctx, c, store.ForChange, report.Table, cmp.Or(r.LeaderID, id)); err != nil {
		return nil, err
	}
	return s.lock(ctx, c, id)
}
