package report

import (
	"cmp"
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/reportevent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/audit"
)

// trigger is an event and what comes with it.
type trigger struct {
	event    Event
	by       Actor
	reason   string    // shown to the reporter
	material string    // shown to moderators only
	evidence *Evidence // replaces the evidence of the case; nil: unchanged

	// Of a case that follows a decision on another one in the background:
	followed string          // the other one
	actor    optional.String // who decided
	at       instant.Instant // when
}

// time returns when the event happened.
func (tr trigger) time(s *store.Store) instant.Instant { return cmp.Or(tr.at, s.Clock()) }

var errConflict = fault.New(fault.Conflict, "this report was changed at the same moment; nothing was written: read it again")

// apply runs one transition of the state machine on r: it writes the new state and times,
// an event of the history and an audit entry, in the transaction of ctx.
func (s *Service) apply(ctx context.Context, c *ent.Client, r *ent.Report, tr trigger) error {
	t, err := Next(r.Status, r.Kind, tr.event, tr.by)
	if err != nil {
		return err
	}
	terms, err := s.terms(ctx)
	if err != nil {
		return fmt.Errorf("read the terms of reports: %w", err)
	}
	from, version := r.Status, r.Version
	r.Status, r.Version = t.To, version+1
	if tr.by == Moderator {
		r.Reason = optional.String(tr.reason)
	}
	setTimes(r, t, s.calendar, terms, tr.time(s.store))
	update := c.Report.UpdateOneID(r.ID).Where(report.Version(version)).SetStatus(r.Status).SetVersion(r.Version).
		SetDueAt(r.DueAt).SetDaysLeft(r.DaysLeft).SetReason(r.Reason).SetAlarm(r.Alarm)
	setOrClear(r.DecidedAt, update.SetDecidedAt, update.ClearDecidedAt)
	setOrClear(r.WakesAt, update.SetWakesAt, update.ClearWakesAt)
	setOrClear(r.AlarmAt, update.SetAlarmAt, update.ClearAlarmAt)
	update.ClearErasedAt() // retention erases what is added from now on, too
	if tr.evidence != nil {
		r.Evidence, r.Missing = tr.evidence.String(), tr.evidence.missing(r.Kind)
		update.SetEvidence(r.Evidence).SetMissing(r.Missing)
	}
	err = update.Exec(viewer.AsSystem(ctx))
	if ent.IsNotFound(err) {
		return errConflict
	}
	if err != nil {
		return fmt.Errorf("apply %s to %s: %w", tr.event, r.ID, err)
	}
	return s.record(ctx, c, r, string(from), tr)
}

// setOrClear calls set with the value, or unset where there is none.
func setOrClear[T, U any](value *T, set func(T) U, unset func() U) {
	if value != nil {
		set(*value)
	} else {
		unset()
	}
}

// record adds an event to the history of r and to the audit log, and sends an alert unless
// a moderator caused the event. Cases that follow a decision in the background have one audit
// entry together, and no alert.
func (s *Service) record(ctx context.Context, c *ent.Client, r *ent.Report, from string, tr trigger) error {
	detail := map[string]string{"by": string(tr.by), "from": from, "to": string(r.Status), "due": r.DueAt.String()}
	actor := tr.actor
	if tr.by == Moderator && tr.followed == "" {
		actor, detail["reason"] = optional.String(viewer.From(ctx).Name), tr.reason
	}
	err := c.ReportEvent.Create().SetID(typeid.New(typeid.Event, s.store.Clock())).SetReportID(r.ID).SetEvent(string(tr.event)).
		SetBy(string(tr.by)).SetActor(actor).SetFrom(from).SetTo(string(r.Status)).SetReason(optional.String(tr.reason)).
		SetMaterial(optional.String(tr.material)).SetDueAt(r.DueAt).SetAt(tr.time(s.store)).Exec(viewer.AsSystem(ctx))
	if err != nil {
		return fmt.Errorf("write the event %s of %s: %w", tr.event, r.ID, err)
	}
	if tr.followed != "" {
		return nil
	}
	if tr.by != Moderator && tr.event != Joined && s.alerts != nil {
		err = s.alerts.Write(ctx, c, "report."+tr.event.lower(), alert{r.ID, tr.event, r.Kind, r.Status, r.Target, r.FiledAt, r.DueAt})
		if err != nil {
			return err
		}
	}
	return s.audit.Append(ctx, c, audit.Entry{Action: "REPORT_" + string(tr.event), Item: r.ID, Detail: detail})
}

// alert is the payload of an alert about a case. It contains nothing about the reporter
// and nothing that the reporter wrote.
type alert struct {
	Report  string          `json:"report"`
	Event   Event           `json:"event"`
	Kind    report.Kind     `json:"kind"`
	Status  report.Status   `json:"status"`
	Target  string          `json:"target"`
	FiledAt instant.Instant `json:"filedAt"`
	DueAt   instant.Instant `json:"dueAt"`
}

// Histories returns the events of several reports by report, the oldest first. Only
// moderators find any.
func (s *Service) Histories(ctx context.Context, ids []string) (map[string][]*ent.ReportEvent, error) {
	rows, err := s.store.Client(ctx).ReportEvent.Query().Where(reportevent.ReportIDIn(ids...)).Order(reportevent.ByID()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the histories of reports: %w", err)
	}
	return groupBy(rows, func(e *ent.ReportEvent) string { return e.ReportID }), nil
}

// groupBy returns the rows by key, in their order.
func groupBy[T any](rows []T, key func(T) string) map[string][]T {
	groups := make(map[string][]T, len(rows))
	for _, row := range rows {
		groups[key(row)] = append(groups[key(row)], row)
	}
	return groups
}
