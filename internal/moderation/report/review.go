package report

import (
	"cmp"
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
	r, err := store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Report, error) {
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
	s.wake()
	return r, err
}

// applyToGroup applies a decision on r to the other reports of its group that allow it, the
// first of them at once. Material is requested from each reporter separately.
func (s *Service) applyToGroup(ctx context.Context, c *ent.Client, r *ent.Report, tr trigger) error {
	if tr.event == AskMaterial {
		return nil
	}
	leader := cmp.Or(r.LeaderID, r.ID)
	if leader != r.ID {
		first, err := s.lock(ctx, c, leader)
		if err != nil {
			return err
		}
		if _, err := Next(first.Status, first.Kind, tr.event, tr.by); err == nil {
			if err := s.apply(ctx, c, first, tr); err != nil {
				return err
			}
		}
	}
	return s.applyToRest(ctx, c, followUp{Group: leader, Decided: r.ID}, tr)
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
	needed, err := neededByOthers(ctx, c, r, tr)
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

// neededByOthers reports whether another report needs the target of r to stay down. A
// moderator's decision is one on the whole group of r, part of which may follow later.
func neededByOthers(ctx context.Context, c *ent.Client, r *ent.Report, tr trigger) (bool, error) {
	others := report.IDNEQ(r.ID)
	if tr.by == Moderator {
		leader := cmp.Or(r.LeaderID, r.ID)
		others = report.And(report.IDNEQ(leader), report.LeaderIDNEQ(leader))
	}
	needed, err := c.Report.Query().Where(report.Target(r.Target), others,
		report.StatusIn(report.StatusMEASURES_TAKEN, report.StatusCOUNTERED)).Exist(viewer.AsSystem(ctx))
	if err != nil {
		return false, fmt.Errorf("find other reports of %s: %w", r.Target, err)
	}
	return needed, nil
}
