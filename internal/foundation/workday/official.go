package workday

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

//go:embed calendar.json
var official []byte

// Official returns the calendar of the State Council's notices that are embedded in the
// program.
var Official = sync.OnceValue(func() Calendar {
	c, err := Parse(official)
	if err != nil {
		panic("workday: embedded notices: " + err.Error())
	}
	return c
})

// LoadFile reads notices from a file in the form of the embedded one: a JSON list of
// years, each with its holidays and the weekend days that are worked.
func LoadFile(path string) (Calendar, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Calendar{}, fault.Wrap(err, fault.Unavailable, "cannot read the calendar file %s; check the path and its permissions", path)
	}
	c, err := Parse(data)
	if err != nil {
		return Calendar{}, fault.Wrap(err, fault.BadUserInput, "the calendar file %s is not valid: %v", path, err)
	}
	return c, nil
}

// notice holds the holidays and extra working days of one year.
type notice struct {
	Year     int
	Notice   string // the source, for people
	Holidays []holiday
	Workdays []date
}

type holiday struct {
	Name     string
	From, To date
}

// maxHoliday is longer than any holiday so far; a longer one is a mistake.
const maxHoliday = 31 // days

// Parse reads notices in the form of calendar.json.
func Parse(data []byte) (Calendar, error) {
	var notices []notice
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&notices); err != nil {
		return Calendar{}, fmt.Errorf("read notices: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return Calendar{}, fmt.Errorf("read notices: unexpected data after the list of years")
	}
	c := Calendar{named: map[day]bool{}, years: map[int]bool{}}
	for _, n := range notices {
		if err := c.add(n); err != nil {
			return Calendar{}, fmt.Errorf("read the notice for %d: %w", n.Year, err)
		}
	}
	return c, nil
}

// add adds a notice to c.
func (c Calendar) add(n notice) error {
	if n.Year < 1 || n.Year > 9998 {
		return fmt.Errorf("%d is not a year", n.Year)
	}
	if c.years[n.Year] {
		return fmt.Errorf("the year is listed twice")
	}
	c.years[n.Year] = true
	for _, h := range n.Holidays {
		from, to := h.From.day(), h.To.day()
		if to < from || to-from >= maxHoliday {
			return fmt.Errorf("%s: %s to %s is not a holiday of 1 to %d days", h.Name, h.From, h.To, maxHoliday)
		}
		for d := from; d <= to; d++ {
			if err := c.name(n.Year, d, false); err != nil {
				return fmt.Errorf("%s: %w", h.Name, err)
			}
		}
	}
	for _, d := range n.Workdays {
		if err := c.name(n.Year, d.day(), true); err != nil {
			return fmt.Errorf("workdays: %w", err)
		}
	}
	return nil
}

// name records whether the notice for year makes d a working day. New Year's holiday may
// begin in the year before.
func (c Calendar) name(year int, d day, works bool) error {
	at := d.end().Time()
	if at.Year() != year && at.Year() != year-1 {
		return fmt.Errorf("%s is not in %d", at.Format(time.DateOnly), year)
	}
	if _, ok := c.named[d]; ok {
		return fmt.Errorf("%s is listed twice", at.Format(time.DateOnly))
	}
	c.named[d] = works
	return nil
}

// date is a day in JSON, such as "2026-02-17".
type date struct{ time.Time }

func (d date) day() day       { return dateOf(d.Time) }
func (d date) String() string { return d.Format(time.DateOnly) }

// UnmarshalJSON reads a date.
func (d *date) UnmarshalJSON(data []byte) (err error) {
	text := strings.Trim(string(data), `"`)
	if d.Time, err = time.Parse(time.DateOnly, text); err != nil {
		return fmt.Errorf("%.40q is not a date, such as 2026-02-17", text)
	}
	return nil
}
