package report

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/foundation/workday"
)

// The alarms of a deadline. They are events of the history and change no state.
const (
	NearDeadline Event = "DUE_SOON" // the deadline is less than a day away
	PastDeadline Event = "OVERDUE"  // the deadline has passed
	Escalate     Event = "ESCALATE" // it passed a working day ago; a supervisor has to act
)

// alarmEvents maps each alarm to the event that records it.
var alarmEvents = map[report.Alarm]Event{report.AlarmDUE_SOON: NearDeadline, report.AlarmOVERDUE: PastDeadline, report.AlarmESCALATED: Escalate}

// nextAlarm returns the alarm of r that follows after, and its time; ok is false where
// none follows.
func nextAlarm(r *ent.Report, after report.Alarm, c workday.Calendar) (next report.Alarm, at instant.Instant, ok bool) {
	if !IsOpen(r.Status) {
		return "", 0, false
	}
	switch after {
	case report.AlarmNONE:
		return report.AlarmDUE_SOON, r.DueAt.Add(-soon), true
	case report.AlarmDUE_SOON:
		return report.AlarmOVERDUE, r.DueAt, true
	case report.AlarmOVERDUE:
		return report.AlarmESCALATED, c.Deadline(r.DueAt, 1), true
	default:
		return "", 0, false
	}
}

// setAlarm schedules the next alarm of r. A deadline that differs from before starts again
// with its first alarm.
func setAlarm(r *ent.Report, before instant.Instant, c workday.Calendar) {
	if r.DueAt != before || r.Alarm == "" {
		r.Alarm = report.AlarmNONE
	}
	r.AlarmAt = nil
	if _, at, ok := nextAlarm(r, r.Alarm, c); ok {
		r.AlarmAt = &at
	}
}

// RaiseAlarms raises the alarms that are due and returns their number. Each is an event of
// the case, an audit entry and an alert. Of several alarms that are due at once, after an
// outage, only the last is raised. Replicas may call it at the same time; each alarm is
// raised once.
func (s *Service) RaiseAlarms(ctx context.Context) (n int, err error) {
	ctx = viewer.AsSystem(ctx)
	for {
		ids, err := s.store.Client(ctx).Report.Query().Where(report.AlarmAtLTE(s.store.Clock())).
			Order(ent.Asc(report.FieldAlarmAt)).Limit(batch).IDs(ctx)
		if err != nil {
			return n, fmt.Errorf("find alarms that are due: %w", err)
		}
		for _, id := range ids {
			if err := s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error { return s.raiseAlarm(ctx, c, id) }); err != nil {
				return n, fmt.Errorf("raise the alarm of %s: %w", id, err)
			}
			n++
		}
		if len(ids) < batch {
			return n, nil
		}
	}
}

// raiseAlarm raises the last alarm of a report that is due, unless a replica did.
func (s *Service) raiseAlarm(ctx context.Context, c *ent.Client, id string) error {
	r, err := s.lock(ctx, c, id)
	if err != nil {
		return err
	}
	now := s.store.Clock()
	if r.AlarmAt == nil || *r.AlarmAt > now {
		return nil
	}
	was := *r.AlarmAt
	next, at, ok := nextAlarm(r, r.Alarm, s.calendar)
	for ; ok && at <= now; next, at, ok = nextAlarm(r, r.Alarm, s.calendar) {
		r.Alarm = next
	}
	u := c.Report.Update().Where(report.ID(id), report.AlarmAt(was), report.Version(r.Version)).SetAlarm(r.Alarm)
	if ok {
		u.SetAlarmAt(at)
	} else {
		u.ClearAlarmAt()
	}
	if changed, err := u.Save(ctx); err != nil || changed == 0 {
		return err
	}
	return s.record(ctx, c, r, string(r.Status), trigger{event: alarmEvents[r.Alarm], by: Clock})
}
