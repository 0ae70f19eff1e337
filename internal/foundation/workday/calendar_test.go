package workday_test

import (
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/workday"
)

func TestIs(t *testing.T) {
	t.Parallel()
	for works, days := range map[bool]string{
		true: `
			2019-10-01 Tuesday of a year without a notice
			2020-01-19 Sunday before the Spring Festival
			2020-02-03 Monday after the longer Spring Festival
			2020-06-28 Sunday after the Dragon Boat Festival
			2021-09-18 Saturday before Mid-Autumn
			2022-04-02 Saturday before Qingming
			2022-10-08 Saturday after the National Day
			2022-10-09 Sunday after the National Day
			2022-12-30 Friday before the New Year
			2023-01-28 Saturday after the Spring Festival
			2023-04-06 Thursday after Qingming
			2024-02-09 Friday: New Year's Eve, which that notice did not give
			2024-09-29 Sunday before the National Day
			2025-01-26 Sunday before the Spring Festival
			2025-12-31 Wednesday before the New Year
			2026-01-04 Sunday after the New Year
			2026-02-14 Saturday before the Spring Festival
			2026-02-28 Saturday after the Spring Festival
			2026-03-02 Monday
			2026-10-10 Saturday after the National Day
			2027-01-01 Friday of a year without a notice`,
		false: `
			2019-10-05 Saturday of a year without a notice
			2020-02-01 Saturday that the second notice gave back
			2020-01-31 Friday of the longer Spring Festival
			2020-10-08 Thursday of the National Day, with Mid-Autumn
			2021-02-11 Thursday: New Year's Eve
			2021-09-21 Tuesday: Mid-Autumn
			2022-01-31 Monday: New Year's Eve
			2022-12-31 Saturday of the New Year's holiday of 2023
			2023-01-02 Monday of the New Year's holiday
			2023-04-05 Wednesday: Qingming
			2023-09-29 Friday: Mid-Autumn
			2024-06-10 Monday: Dragon Boat Festival
			2025-02-04 Tuesday: the last day of the Spring Festival
			2025-10-08 Wednesday: the last day of the National Day
			2026-02-17 Tuesday: Spring Festival
			2026-02-22 Sunday of the Spring Festival
			2026-03-01 Sunday
			2026-10-07 Wednesday: the last day of the National Day
			2027-01-02 Saturday of a year without a notice`,
	} {
		for line := range strings.Lines(strings.TrimSpace(days)) {
			date, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			for _, hour := range []string{"T00:00:00+08:00", "T23:59:59.999999+08:00"} {
				if got := workday.Official().Is(at(t, date+hour)); got != works {
					t.Errorf("%s: at %s Is says %v", strings.TrimSpace(line), hour, got)
				}
			}
		}
	}
}

// deadlines has the time of filing, the number of working days, and the last of them.
const deadlines = `
2026-03-02T09:00:00+08:00  3 2026-03-05 a Monday morning
2026-03-02T23:59:59+08:00  3 2026-03-05 the last second of the day
2026-03-03T00:00:00+08:00  3 2026-03-06 the first second of the next
2026-03-02T15:59:59Z       3 2026-03-05 the same two moments, written in UTC
2026-03-02T16:00:00Z       3 2026-03-06 
2026-03-02T09:00:00+08:00  1 2026-03-03 one day
2026-03-02T09:00:00+08:00  0 2026-03-03 fewer than one counts as one
2026-03-02T09:00:00+08:00 -5 2026-03-03 
2026-03-02T09:00:00+08:00 30 2026-04-14 thirty days, over Qingming
2026-03-05T09:00:00+08:00  3 2026-03-10 over a weekend
2026-03-06T18:00:00+08:00  3 2026-03-11 a Friday evening
2026-03-07T10:00:00+08:00  3 2026-03-11 a Saturday
2026-03-08T22:00:00+08:00  3 2026-03-11 a Sunday night

2025-12-31T12:00:00+08:00  1 2026-01-04 New Year: the next working day is a Sunday
2025-12-31T12:00:00+08:00  3 2026-01-06 
2026-01-03T12:00:00+08:00  3 2026-01-06 on the holiday's last day
2026-02-12T12:00:00+08:00  3 2026-02-24 Spring Festival: a Friday, a Saturday, and the day after it
2026-02-13T12:00:00+08:00  3 2026-02-25 
2026-02-14T23:00:00+08:00  3 2026-02-26 on the Saturday that is worked, at night
2026-02-15T00:00:00+08:00  3 2026-02-26 as the holiday begins
2026-02-17T08:00:00+08:00  3 2026-02-26 on its high day
2026-02-23T23:59:59+08:00  3 2026-02-26 as it ends
2026-02-24T00:00:00+08:00  3 2026-02-27 
2026-02-26T12:00:00+08:00  3 2026-03-02 over a Saturday that is worked
2026-02-27T12:00:00+08:00  3 2026-03-03 
2026-04-03T12:00:00+08:00  1 2026-04-07 Qingming
2026-04-30T12:00:00+08:00  3 2026-05-08 Labour Day
2026-05-06T12:00:00+08:00  3 2026-05-09 the last day is a Saturday
2026-05-07T12:00:00+08:00  3 2026-05-11 
2026-06-18T12:00:00+08:00  1 2026-06-22 Dragon Boat Festival
2026-09-18T12:00:00+08:00  3 2026-09-22 over a Sunday that is worked
2026-09-19T12:00:00+08:00  3 2026-09-22 
2026-09-24T12:00:00+08:00  3 2026-09-30 Mid-Autumn
2026-09-24T12:00:00+08:00  5 2026-10-09 Mid-Autumn and the National Day
2026-09-30T17:30:00+08:00  3 2026-10-10 National Day
2026-10-01T00:00:00+08:00  3 2026-10-10 
2026-10-07T12:00:00+08:00  3 2026-10-10 
2026-10-08T12:00:00+08:00  3 2026-10-12 

2025-01-24T12:00:00+08:00  3 2025-02-05 Spring Festival
2025-01-27T12:00:00+08:00  3 2025-02-07 
2025-01-29T12:00:00+08:00  3 2025-02-07 
2025-02-05T12:00:00+08:00  3 2025-02-08 
2025-04-25T12:00:00+08:00  1 2025-04-27 Labour Day, its Sunday
2025-04-30T12:00:00+08:00  3 2025-05-08 
2025-05-30T12:00:00+08:00  1 2025-06-03 Dragon Boat Festival
2025-09-26T12:00:00+08:00  3 2025-09-30 National Day, its Sunday
2025-09-30T12:00:00+08:00  3 2025-10-11 
2025-10-09T12:00:00+08:00  3 2025-10-13 

2024-02-02T12:00:00+08:00  3 2024-02-06 Spring Festival
2024-02-09T12:00:00+08:00  3 2024-02-20 
2024-04-03T12:00:00+08:00  1 2024-04-07 Qingming
2024-09-13T12:00:00+08:00  3 2024-09-19 Mid-Autumn
2024-09-30T12:00:00+08:00  3 2024-10-10 National Day
2024-10-10T12:00:00+08:00  3 2024-10-14 

2022-12-30T12:00:00+08:00  1 2023-01-03 New Year, which begins in the old one
2023-01-20T12:00:00+08:00  3 2023-01-30 Spring Festival
2023-06-21T12:00:00+08:00  1 2023-06-25 Dragon Boat Festival
2023-09-28T12:00:00+08:00  3 2023-10-09 National Day, with Mid-Autumn
2023-10-06T12:00:00+08:00  3 2023-10-09 
2022-01-28T12:00:00+08:00  3 2022-02-07 Spring Festival
2022-09-30T12:00:00+08:00  3 2022-10-10 National Day
2021-02-10T12:00:00+08:00  3 2021-02-20 Spring Festival
2021-09-30T12:00:00+08:00  3 2021-10-11 National Day
2020-01-23T12:00:00+08:00  3 2020-02-05 Spring Festival, made longer
2020-09-30T12:00:00+08:00  3 2020-10-12 National Day

2019-10-10T17:45:07+08:00  3 2019-10-15 a year without a notice
2019-10-01T12:00:00+08:00  3 2019-10-04 its holidays count as weekdays
2026-12-31T12:00:00+08:00  3 2027-01-05 into a year without a notice
2027-02-05T12:00:00+08:00  3 2027-02-10 
2030-06-01T12:00:00+08:00  1 2030-06-03 
1969-12-31T12:00:00+08:00  1 1970-01-01 before the epoch
`

func TestDeadline(t *testing.T) {
	t.Parallel()
	for line := range strings.Lines(deadlines) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		filed, days, last := at(t, words[0]), number(t, words[1]), at(t, words[2]+"T23:59:59.999999+08:00")
		if got := workday.Official().Deadline(filed, days); got != last {
			t.Errorf("%s\ngot %s", strings.TrimSpace(line), got)
		}
	}
}

func TestZeroCalendar(t *testing.T) {
	t.Parallel()
	var c workday.Calendar
	if got := c.Deadline(at(t, "2026-02-13T12:00:00+08:00"), 3); got != at(t, "2026-02-18T23:59:59.999999+08:00") {
		t.Errorf("got %s", got)
	}
	if c.Covers(2026) {
		t.Error("it covers a year")
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()
	for year := 2015; year <= 2035; year++ {
		if got, want := workday.Official().Covers(year), year >= 2020 && year <= 2026; got != want {
			t.Errorf("%d: %v", year, got)
		}
	}
}

func at(t *testing.T, text string) instant.Instant {
	t.Helper()
	i, err := instant.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return i
}
