// Package workday computes deadlines in working days of the Chinese mainland: weekdays
// without the public holidays, and the weekend days that are worked in their place, as
// the State Council announces each autumn for the next year.
//
// Days are days of Asia/Shanghai. The notices of some years are embedded, others can be
// loaded from a file. Years without a notice have weekends only; Covers reports them. A
// deadline is the last microsecond of a working day, and exactly the given number of
// working days begin after the filing and end by the deadline.
package workday

import (
	"maps"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// Calendar distinguishes working days from days off. The zero Calendar has weekends only.
// Calendars are immutable values.
type Calendar struct {
	named map[day]bool // the days of the notices, and whether they are working days
	years map[int]bool // the years with a notice
}

// Is reports whether the day of t is a working day.
func (c Calendar) Is(t instant.Instant) bool { return c.works(dayOf(t)) }

// Covers reports whether the calendar has the notice of a year. Other years have weekends
// only.
func (c Calendar) Covers(year int) bool { return c.years[year] }

// Deadline returns the end of the given number of working days after the day of filed.
// That day does not count; after a day off, counting begins with the next working day.
// Less than one day counts as one.
func (c Calendar) Deadline(filed instant.Instant, days int) instant.Instant {
	d := dayOf(filed)
	for left := max(days, 1); left > 0; {
		if d++; c.works(d) {
			left--
		}
	}
	return d.end()
}

// Between returns the number of working days after the day of from, up to and including
// the day of until.
func (c Calendar) Between(from, until instant.Instant) (n int) {
	for d := dayOf(from) + 1; d <= dayOf(until); d++ {
		if c.works(d) {
			n++
		}
	}
	return n
}

// Merge returns c with the notices of other, which take precedence.
func (c Calendar) Merge(other Calendar) Calendar {
	merged := Calendar{named: maps.Clone(c.named), years: maps.Clone(c.years)}
	if merged.named == nil {
		return other
	}
	maps.Copy(merged.named, other.named)
	maps.Copy(merged.years, other.years)
	return merged
}

// works reports whether d is a working day.
func (c Calendar) works(d day) bool {
	if works, ok := c.named[d]; ok {
		return works
	}
	return !d.weekend()
}

// day counts the days of Asia/Shanghai since 1970-01-01.
type day int

const dayLength = instant.Instant(24 * time.Hour / time.Microsecond)

func dayOf(t instant.Instant) day {
	year, month, date := t.Time().Date()
	return dateOf(time.Date(year, month, date, 0, 0, 0, 0, time.UTC))
}

func dateOf(midnight time.Time) day { return day(midnight.Unix() / int64(24*time.Hour/time.Second)) }

// end returns the last microsecond of d.
func (d day) end() instant.Instant {
	begin := time.Date(1970, time.January, 1+int(d), 0, 0, 0, 0, instant.Zone)
	return instant.Of(begin) + dayLength - 1
}

func (d day) weekend() bool {
	weekday := time.Unix(int64(d)*int64(24*time.Hour/time.Second), 0).UTC().Weekday()
	return weekday == time.Saturday || weekday == time.Sunday
}
