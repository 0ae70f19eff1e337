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

// The alarms of a deadline are events too, by the clock. They move no case.
const (
	NearDeadline Event = "DUE_SOON" // the deadline is less than a day away
	PastDeadline Event = "OVERDUE"  // the deadline is over
	Escalate     Event = "ESCALATE" // it has been over for a working day: whoever answers for the desk has to know
)

// raised is the event of each alarm.
var raised = map[report.Alarm]Event{report.AlarmDUE_SOON: NearDeadline, report.AlarmOVERDUE: PastDeadline, report.AlarmESCALATED: Escalate}

// nextAlarm is what comes after an alarm of r, and when; false where nothing does.
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

// setAlarm says when r's next alarm is raised. A deadline that moved has its own alarms.
func setAlarm(r *ent.Report, before instant.Instant, c workday.Calendar) {
	if r.DueAt != before || r.Alarm == "" {
		r.Alarm = report.AlarmNONE
	}
	r.AlarmAt = nil
	if _, at, ok := nextAlarm(r, r.Alarm, c); ok {
		r.AlarmAt = &at
	}
}

// Alarm raises the alarms whose time has come: each is a line in the history of its case
// and in the audit, and a notice. Where several came at once, because nothing ran, the
// last is raised. It may run on several machines; an alarm is raised once. It returns how
// many it raised.
func (s *Service) Alarm(ctx context.Context) (n int, err error) {
	ctx = viewer.AsSystem(ctx)
	for {
		rows, err := s.store.Client(ctx).Report.Query().Where(report.AlarmAtLTE(s.store.Clock())).
			Order(ent.Asc(report.FieldAlarmAt)).Limit(batch).IDs(ctx)
		if err != nil {
			return n, fmt.Errorf("look for deadlines: %w", err)
		}
		for _, id := range rows {
			if err := s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error { return s.raise(ctx, c, id) }); err != nil {
				return n, fmt.Errorf("raise the alarm of %s: %w", id, err)
			}
			n++
		}
		if len(rows) < batch {
			return n, nil
		}
	}
}

func (s *Service) raise(ctx context.Context, c *ent.Client, id string) error {
	r, err := c.Report.Get(ctx, id)
	now := s.store.Clock()
	if err != nil || r.AlarmAt == nil || *r.AlarmAt > now {
		return err // somebody else raised it
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
	return s.note(ctx, c, r, string(r.Status), step{event: raised[r.Alarm], by: Clock})
}

// Notices tells a program of the operator's what the moderators have to look at.
type Alerts interface {
	Write(ctx context.Context, c *ent.Client, kind string, data any) error
}

// told is what a notice says of a case: nothing of who reported, nor what was said.
type told struct {
	Report  string          `json:"report"`
	Event   Event           `json:"event"`
	Kind    report.Kind     `json:"kind"`
	Status  report.Status   `json:"status"`
	Target  string          `json:"target"`
	FiledAt instant.Instant `json:"filedAt"`
	DueAt   instant.Instant `json:"dueAt"`
}

// tell notifies of a step that no moderator took.
func (s *Service) tell(ctx context.Context, c *ent.Client, r *ent.Report, do step) error {
	if do.by == Moderator || do.event == Joined || s.notices == nil {
		return nil
	}
	return s.notices.Write(ctx, c, "report."+do.event.lower(), told{r.ID, do.event, r.Kind, r.Status, r.Target, r.FiledAt, r.DueAt})
}
