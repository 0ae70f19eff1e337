package report

import (
	"context"
	"fmt"
	"slices"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/takedown"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/policy"
)

const maxReason = 2000 // characters

var errNotFound = fault.New(fault.NotFound, "there is no such report")

// Decisions returns the decisions that a moderator may take on r now.
func Decisions(r *ent.Report) (list []Event) {
	for _, t := range Table {
		if t.By != Moderator {
			continue
		}
		if _, err := Next(r.Status, r.Kind, t.Event, Moderator); err == nil && !slices.Contains(list, t.Event) {
			list = append(list, t.Event)
		}
	}
	return list
}

// Review applies a moderator's decision to a report, and to the reports of the same kind
// about the same target that allow it.
func (s *Service) Review(ctx context.Context, in ReviewInput) (*ent.Report, error) {
	if err := policy.Require(ctx, policy.ReviewReports); err != nil {
		return nil, err
	}
	var bad fault.Invalid
	reason := input.Text(&bad, "reason", in.Reason, 1, maxReason)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	if !typeid.Is(typeid.Report, in.Report) {
		return nil, errNotFound
	}
	tr := trigger{event: in.Decision, by: Moderator, reason: reason}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Report, error) {
		r, err := s.lockGroup(ctx, c, in.Report)
		if err != nil {
			return nil, err
		}
		if err := s.apply(ctx, c, r, tr); err != nil {
			return nil, err
		}
		if err := s.applyToGroup(ctx, c, r, tr); err != nil {
			return nil, err
		}
		return r, s.enforce(ctx, c, r, tr)
	})
}

// applyToGroup applies a decision on r to the other reports of its group that allow it.
// Material is requested from each reporter separately.
func (s *Service) applyToGroup(ctx context.Context, c *ent.Client, r *ent.Report, tr trigger) error {
	if tr.event == AskMaterial {
		return nil
	}
	leader := r.LeaderID
	if leader == "" {
		leader = r.ID
	}
	rows, err := c.Report.Query().Where(report.Or(report.ID(leader), report.LeaderID(leader)), report.IDNEQ(r.ID)).
		Order(ent.Asc(report.FieldID)).All(viewer.AsSystem(ctx))
	if err != nil {
		return fmt.Errorf("read the group of %s: %w", r.ID, err)
	}
	for _, other := range rows {
		if _, err := Next(other.Status, other.Kind, tr.event, tr.by); err != nil {
			continue
		}
		if err := s.apply(ctx, c, other, tr); err != nil {
			return err
		}
	}
	return nil
}

// enforce hides or restores the target of r as was decided, unless another report decided
// otherwise. It runs last, because it ends by appending to the change feed.
func (s *Service) enforce(ctx context.Context, c *ent.Client, r *ent.Report, tr trigger) error {
	if !slices.Contains([]Event{TakeDown, Restore, PeriodOver}, tr.event) {
		return nil
	}
	down, err := isDown(ctx, c, r.Target)
	if err != nil || down == (tr.event == TakeDown) {
		return err
	}
	if tr.event == TakeDown {
		_, err = s.takedowns.Apply(ctx, c, r.Target, r.ID, tr.reason)
		return err
	}
	needed, err := neededByOthers(ctx, c, r)
	if err != nil || needed {
		return err
	}
	_, err = s.takedowns.Lift(ctx, c, r.Target, tr.reason)
	return err
}

// isDown reports whether a takedown of item is in force.
func isDown(ctx context.Context, c *ent.Client, item string) (bool, error) {
	down, err := c.Takedown.Query().Where(takedown.Item(item), takedown.LiftedAtIsNil()).Exist(viewer.AsSystem(ctx))
	if err != nil {
		return false, fmt.Errorf("find the takedown of %s: %w", item, err)
	}
	return down, nil
}

// neededByOthers reports whether another report needs the target of r to stay down.
func neededByOthers(ctx context.Context, c *ent.Client, r *ent.Report) (bool, error) {
	needed, err := c.Report.Query().Where(report.Target(r.Target), report.IDNEQ(r.ID),
		report.StatusIn(report.StatusMEASURES_TAKEN, report.StatusCOUNTERED)).Exist(viewer.AsSystem(ctx))
	if err != nil {
		return false, fmt.Errorf("find other reports of %s: %w", r.Target, err)
	}
	return needed, nil
}
