// Package workday knows the working days of the Chinese mainland: the weekdays,
// without the public holidays and with the weekend days worked in their place,
// as the State Council's notices fix them each autumn for the next year.
//
// A day is a day of Asia/Shanghai. The package carries the notices of some
// years and can be handed more in a file; it refuses to guess: of a year without
// a notice it knows only weekends, and Covers says so. The key invariant: a
// deadline is the last microsecond of a working day, and exactly the promised
// number of working days begin after the filing and end by it.
package workday

import (
	"maps"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// Calendar tells working days from days off. The zero Calendar knows only
// weekends. Calendars are values: nothing changes one after it was made.
type Calendar struct {
	named map[day]bool // whether a day that a notice names is a working day
	years map[int]bool // the years with a notice
}

// Is reports whether the day of t is a working day.
func (c Calendar) Is(t instant.Instant) bool { return c.works(dayOf(t)) }

// Covers reports whether the calendar has the notice of a year. Of any other
// year it knows only the weekends.
func (c Calendar) Covers(year int) bool { return c.years[year] }

// Deadline is the end of the last of so many working days after the day of
// filed. That day itself never counts, whatever the hour; what is filed on a day
// off counts from the next working day on. Fewer than one day counts as one.
func (c Calendar) Deadline(filed instant.Instant, days int) instant.Instant {
	d := dayOf(filed)
	for left := max(days, 1); left > 0; {
		if d++; c.works(d) {
			left--
		}
	}
	return d.end()
}

// Between is how many working days begin after the day of from and by the end of the
// day of until.
func (c Calendar) Between(from, until instant.Instant) (n int) {
	for d := dayOf(from) + 1; d <= dayOf(until); d++ {
		if c.works(d) {
			n++
		}
	}
	return n
}

// Merge is c with the notices of other, whose word on a day prevails.
func (c Calendar) Merge(other Calendar) Calendar {
	merged := Calendar{named: maps.Clone(c.named), years: maps.Clone(c.years)}
	if merged.named == nil {
		return other
	}
	maps.Copy(merged.named, other.named)
	maps.Copy(merged.years, other.years)
	return merged
}

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

// end is the last microsecond of d.
func (d day) end() instant.Instant {
	begin := time.Date(1970, time.January, 1+int(d), 0, 0, 0, 0, instant.Zone)
	return instant.Of(begin) + dayLength - 1
}

func (d day) weekend() bool {
	weekday := time.Unix(int64(d)*int64(24*time.Hour/time.Second), 0).UTC().Weekday()
	return weekday == time.Saturday || weekday == time.Sunday
}
