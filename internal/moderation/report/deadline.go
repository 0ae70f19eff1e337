package report

import (
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/workday"
)

// Terms holds the periods of a case, in working days.
type Terms struct {
	Handle   int // the portal decides within
	Material int // the reporter supplies missing material within
	Court    int // the reporter proves that a lawsuit was filed within: 民法典, art. 1196, 合理期限
}

// setTimes applies t to the deadline and the timers of r. A deadline never moves to an
// earlier day, and changes only when the clock was paused or a new period begins.
func setTimes(r *ent.Report, t Transition, c workday.Calendar, terms Terms, now instant.Instant) {
	before := r.DueAt
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
	setAlarm(r, before, c)
}

// awaitingModerator lists the states in which a moderator has to act and the deadline runs.
var awaitingModerator = []report.Status{report.StatusFILED, report.StatusACCEPTED, report.StatusCOUNTERED}

// Overdue reports whether r waits for a moderator and its deadline has passed.
func Overdue(r *ent.Report, now instant.Instant) bool {
	return IsOpen(r.Status) && r.DueAt < now
}

// soon is how long before its deadline a case counts as due soon.
const soon = 24 * time.Hour

// DueSoon reports whether r waits for a moderator and its deadline is less than a day away.
func DueSoon(r *ent.Report, now instant.Instant) bool {
	return IsOpen(r.Status) && r.DueAt >= now && r.DueAt < now.Add(soon)
}
