package report

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/reportevent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/audit"
)

// step is something that is to happen to a case.
type step struct {
	event    Event
	by       Actor
	reason   string // the reporter reads it too
	material string // for moderators only
	evidence *Evidence
}

var errBusy = fault.New(fault.Conflict, "somebody else decided on this report at the same moment; nothing was written: look at it again")

// take moves a case on: the transition, its times, its history and the audit, in the
// transaction of ctx.
func (s *Service) take(ctx context.Context, c *ent.Client, r *ent.Report, do step) (Transition, error) {
	t, err := Next(r.Status, r.Kind, do.event, do.by)
	if err != nil {
		return t, err
	}
	terms, err := s.terms(ctx)
	if err != nil {
		return t, fmt.Errorf("read the deadlines of reports: %w", err)
	}
	from, version := r.Status, r.Version
	r.Status, r.Version = t.To, version+1
	if do.by == Moderator {
		r.Reason = optional.String(do.reason)
	}
	deadlines(r, t, s.calendar, terms, s.store.Clock())
	system := viewer.AsSystem(ctx)
	update := c.Report.UpdateOneID(r.ID).Where(report.Version(version)).SetStatus(r.Status).SetVersion(r.Version).
		SetDueAt(r.DueAt).SetDaysLeft(r.DaysLeft).SetReason(r.Reason).SetAlarm(r.Alarm)
	setOrClear(r.DecidedAt, update.SetDecidedAt, update.ClearDecidedAt)
	setOrClear(r.WakesAt, update.SetWakesAt, update.ClearWakesAt)
	setOrClear(r.AlarmAt, update.SetAlarmAt, update.ClearAlarmAt)
	update.ClearErasedAt() // what comes in from now on is erased when its time comes
	if do.evidence != nil {
		r.Evidence, r.Missing = do.evidence.String(), do.evidence.missing(r.Kind)
		update.SetEvidence(r.Evidence).SetMissing(r.Missing)
	}
	err = update.Exec(system)
	if ent.IsNotFound(err) {
		err = errBusy
	}
	if err != nil {
		return t, err
	}
	return t, s.note(ctx, c, r, string(from), do)
}

func setOrClear[T, U any](value *T, set func(T) U, unset func() U) {
	if value != nil {
		set(*value)
	} else {
		unset()
	}
}

// note adds a step to the history of a case and to the audit, and tells the operator's
// program of it.
func (s *Service) note(ctx context.Context, c *ent.Client, r *ent.Report, from string, do step) error {
	now, v := s.store.Clock(), viewer.From(ctx)
	actor := v.Name
	if do.by != Moderator {
		actor = ""
	}
	err := c.ReportEvent.Create().SetID(typeid.New(typeid.Event, now)).SetReportID(r.ID).SetEvent(string(do.event)).
		SetBy(string(do.by)).SetActor(optional.String(actor)).SetFrom(from).SetTo(string(r.Status)).SetReason(optional.String(do.reason)).
		SetMaterial(optional.String(do.material)).SetDueAt(r.DueAt).SetAt(now).Exec(viewer.AsSystem(ctx))
	if err != nil {
		return fmt.Errorf("note the step of %s: %w", r.ID, err)
	}
	if err := s.tell(ctx, c, r, do); err != nil {
		return err
	}
	detail := map[string]string{"by": string(do.by), "from": from, "to": string(r.Status), "due": r.DueAt.String()}
	if do.by == Moderator {
		detail["reason"] = do.reason
	}
	return s.audit.Append(ctx, c, audit.Entry{Action: "REPORT_" + string(do.event), Item: r.ID, Detail: detail})
}

// Histories is the steps of several reports, the oldest first, for moderators.
func (s *Service) Histories(ctx context.Context, ids []string) (map[string][]*ent.ReportEvent, error) {
	rows, err := s.store.Client(ctx).ReportEvent.Query().Where(reportevent.ReportIDIn(ids...)).Order(reportevent.ByID()).All(ctx)
	if err != nil {
		return nil, err
	}
	of := make(map[string][]*ent.ReportEvent, len(ids))
	for _, row := range rows {
		of[row.ReportID] = append(of[row.ReportID], row)
	}
	return of, nil
}
