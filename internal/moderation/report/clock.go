package report

import (
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/workday"
)

// Terms are within how many working days things happen.
type Terms struct {
	Handle   int // the portal's promise
	Material int // that a reporter has to hand in what is missing
	Court    int // that a reporter has to prove that somebody went to court: 民法典, art. 1196, 合理期限
}

// deadlines is what a transition does to the times of a case. They never move to an
// earlier day, and move at all only when the clock stood still or begins anew.
func deadlines(r *ent.Report, t Transition, c workday.Calendar, terms Terms, now instant.Instant) {
	before := r.DueAt
	defer func() { setAlarm(r, before, c) }()
	switch t.Timer {
	case Pauses:
		if r.DueAt >= now {
			r.DaysLeft = max(1, c.Between(now, r.DueAt))
		}
		wakes := c.Deadline(now, terms.Material)
		r.WakesAt = &wakes
	case Resumes:
		if r.DaysLeft > 0 {
			r.DueAt = max(r.DueAt, c.Deadline(now, r.DaysLeft))
		}
		r.DaysLeft, r.WakesAt = 0, nil
	case Ends:
		r.DecidedAt, r.DaysLeft, r.WakesAt = &now, 0, nil
	case Begins:
		r.DecidedAt, r.DaysLeft, r.WakesAt = nil, 0, nil
		r.DueAt = max(r.DueAt, c.Deadline(now, terms.Handle))
		if t.Event == Counter && TrackOf(r.Kind) == Rights {
			wakes := c.Deadline(now, terms.Court)
			r.WakesAt, r.DueAt = &wakes, max(r.DueAt, wakes)
		}
	}
}

// Overdue reports whether r waits for the moderators at now and its deadline is over.
func Overdue(r *ent.Report, now instant.Instant) bool {
	return IsOpen(r.Status) && r.DueAt < now
}

// soon is how long before its deadline a case is due soon: the day before.
const soon = 24 * time.Hour

// DueSoon reports whether the deadline of r is near.
func DueSoon(r *ent.Report, now instant.Instant) bool {
	return IsOpen(r.Status) && r.DueAt >= now && r.DueAt < now.Add(soon)
}

// running is the states in which a deadline runs.
var running = []report.Status{report.StatusFILED, report.StatusACCEPTED, report.StatusCOUNTERED}
