package report

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/predicate"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/reportevent"
	entsetting "github.com/tonggao/tonggao/ent/setting"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/setting"
)

// together bounds the reports that one transaction decides. Strangers decide how many reports
// there are about one thing, so the rest follows in the background.
const together = 20

// followUps begins the names of the settings that hold decisions whose reports have not all
// followed. A name ends with the ID of an event, so that their order is that of the decisions.
const followUps = "report_follow_up_"

// followUp holds a decision on several reports, of which those up to After have followed. They
// are the duplicates of Group, or all reports about Target.
type followUp struct {
	Group   string          `json:"group,omitempty"`
	Target  string          `json:"target,omitempty"`
	Decided string          `json:"decided"` // the report that was decided
	Event   Event           `json:"event"`
	By      Actor           `json:"by"`
	Actor   optional.String `json:"actor,omitempty"`
	Reason  string          `json:"reason,omitempty"`
	At      instant.Instant `json:"at"`
	After   string          `json:"after"`
	Count   int             `json:"count"` // of those that followed in the background
}

// rest returns the reports that the decision is about and that have not followed.
func (f followUp) rest() predicate.Report {
	about := report.Target(f.Target)
	if f.Group != "" {
		about = report.LeaderID(f.Group)
	}
	return report.And(about, report.StatusIn(before(f.Event, f.By)...), report.IDGT(f.After), report.IDNEQ(f.Decided), report.FiledAtLTE(f.At))
}

// before returns the states that an event can leave.
func before(event Event, by Actor) (states []report.Status) {
	for _, t := range Table {
		if t.Event == event && t.By == by {
			states = append(states, t.From...)
		}
	}
	return states
}

// next locks and reads the next reports that follow, the oldest first, without what
// reporters wrote.
func (s *Service) next(ctx context.Context, c *ent.Client, f followUp) (rows []*ent.Report, err error) {
	ids, err := c.Report.Query().Where(f.rest()).Order(report.ByID()).Limit(together).IDs(viewer.AsSystem(ctx))
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	if err := s.store.LockRows(ctx, c, store.ForChange, report.Table, ids...); err != nil {
		return nil, err
	}
	q := withoutSnapshot(c).Where(report.IDIn(ids...)).Order(report.ByID())
	written := []string{report.FieldSnapshot, report.FieldStatement, report.FieldEvidence, report.FieldOriginAddress}
	q.Select(slices.DeleteFunc(slices.Clone(report.Columns), func(column string) bool { return slices.Contains(written, column) })...)
	return q.All(viewer.AsSystem(ctx))
}

// applyToRest applies a decision to the first of the reports that f selects, and leaves the
// rest to FollowUp; all of them where reports have still to follow an earlier decision, but
// for what comes with material, which is written once.
func (s *Service) applyToRest(ctx context.Context, c *ent.Client, f followUp, tr trigger) error {
	f.Event, f.By, f.Reason, f.At = tr.event, tr.by, tr.reason, s.store.Clock()
	if tr.by == Moderator {
		f.Actor = optional.String(viewer.From(ctx).Name)
	}
	earlier, err := setting.WithPrefix(ctx, c, followUps)
	if err != nil {
		return err
	}
	if len(earlier) == 0 || tr.material != "" {
		rows, err := s.follow(ctx, c, &f, tr, nil)
		if err != nil {
			return err
		}
		if rows < together && len(earlier) == 0 {
			return nil
		}
	}
	if len(earlier) > 0 {
		f.After = ""
	}
	f.Count = 0
	return setting.PutJSON(ctx, c, followUps+typeid.New(typeid.Event, f.At), f)
}

// follow applies a decision to the next reports, moves f on, and returns how many there were.
// Except for those that skip selects and those whose kind does not allow it.
func (s *Service) follow(ctx context.Context, c *ent.Client, f *followUp, tr trigger, skip func([]*ent.Report) (map[string]bool, error)) (rows int, err error) {
	next, err := s.next(ctx, c, *f)
	if err != nil {
		return 0, fmt.Errorf("read the reports that follow %s: %w", f.Decided, err)
	}
	var skipped map[string]bool
	if skip != nil {
		if skipped, err = skip(next); err != nil {
			return 0, err
		}
	}
	for _, r := range next {
		f.After = r.ID
		if _, err := Next(r.Status, r.Kind, tr.event, tr.by); err != nil || skipped[r.ID] {
			continue
		}
		if err := s.apply(ctx, c, r, tr); err != nil {
			return 0, err
		}
		f.Count++
	}
	return len(next), nil
}

// FollowUp applies decisions to the reports that have not followed yet, in the order of the
// decisions and twenty reports at a time, and returns how many followed. Replicas may call it
// at the same time.
func (s *Service) FollowUp(ctx context.Context) (n int, err error) {
	ctx = viewer.AsSystem(ctx)
	for ctx.Err() == nil {
		pending, err := setting.WithPrefix(ctx, s.store.Client(ctx), followUps)
		if err != nil || len(pending) == 0 {
			return n, err
		}
		name := pending[0].ID
		err = s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
			followed, err := s.followUp(ctx, c, name)
			n += followed
			return err
		})
		if err != nil {
			return n, fmt.Errorf("follow the decision %s: %w", strings.TrimPrefix(name, followUps), err)
		}
	}
	return n, ctx.Err()
}

// followUp applies the decision that the setting holds to the next reports, and deletes the
// setting after the last.
func (s *Service) followUp(ctx context.Context, c *ent.Client, name string) (followed int, err error) {
	if err := s.store.Lock(ctx, c, "SELECT 1 FROM "+entsetting.Table+" WHERE name = $1 FOR UPDATE", name); err != nil {
		return 0, err
	}
	var f followUp
	if known, err := setting.GetJSON(ctx, c, name, &f); err != nil || !known {
		return 0, err
	}
	before := f.Count
	rows, err := s.follow(ctx, c, &f, trigger{event: f.Event, by: f.By, reason: f.Reason, actor: f.Actor, at: f.At, followed: f.Decided},
		func(rows []*ent.Report) (map[string]bool, error) { return decidedSince(ctx, c, rows, f.At) })
	if err != nil {
		return 0, err
	}
	if rows == together {
		return f.Count - before, setting.PutJSON(ctx, c, name, f)
	}
	if err := setting.Delete(ctx, c, name); err != nil {
		return 0, err
	}
	detail := map[string]string{"by": string(f.By), "actor": string(f.Actor), "reason": f.Reason, "duplicates": strconv.Itoa(f.Count)}
	return f.Count - before, s.audit.Append(ctx, c, audit.Entry{Action: "REPORT_" + string(f.Event), Item: f.Decided, Detail: detail})
}

// decidedSince returns which of the reports a moderator decided one by one after at.
func decidedSince(ctx context.Context, c *ent.Client, rows []*ent.Report, at instant.Instant) (map[string]bool, error) {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	found, err := c.ReportEvent.Query().Where(reportevent.ReportIDIn(ids...), reportevent.By(string(Moderator)), reportevent.AtGT(at)).
		Select(reportevent.FieldReportID).Strings(viewer.AsSystem(ctx))
	if err != nil {
		return nil, fmt.Errorf("read later decisions: %w", err)
	}
	decided := make(map[string]bool, len(found))
	for _, id := range found {
		decided[id] = true
	}
	return decided, nil
}

// wake makes Run follow up decisions at once.
func (s *Service) wake() {
	select {
	case s.decided <- struct{}{}:
	default:
	}
}
