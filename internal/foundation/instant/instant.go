// Package instant is the one representation of time in Tonggao: microseconds since
// 1970 in UTC, an integer that sorts, paginates and compares the same in Go, SQLite and
// PostgreSQL, independent of the time zone of the process and of the client.
//
// Times are read and written as RFC 3339. Input needs an offset, local times are
// refused; output has +08:00, the time zone of the portals. Parse accepts the years
// 1900 to 2199 only, so that every time that enters over the API, from archives or from
// settings is in range.
package instant

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Instant is a point in time as microseconds since the Unix epoch.
type Instant int64

// Zone is Asia/Shanghai. China has had no summer time since 1991, so a fixed offset
// replaces a time-zone database.
var Zone = time.FixedZone("CST", 8*60*60)

// Of converts t, truncated to the microsecond.
func Of(t time.Time) Instant { return Instant(t.UnixMicro()) }

// Time converts i to a time in Asia/Shanghai.
func (i Instant) Time() time.Time { return time.UnixMicro(int64(i)).In(Zone) }

// The years that content may have: from 1900, before 2200.
var (
	first = Of(time.Date(1900, 1, 1, 0, 0, 0, 0, Zone))
	end   = Of(time.Date(2200, 1, 1, 0, 0, 0, 0, Zone))
)

// InRange reports whether i is in the years 1900 to 2199, as all times of content must be.
func InRange(i Instant) bool { return i >= first && i < end }

// Add returns i moved by d.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d.Microseconds()) }

// Sub returns the duration from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i-j) * time.Microsecond }

// String formats i as RFC 3339, such as 2019-10-10T17:45:07+08:00, with a fraction only
// where it is not zero.
func (i Instant) String() string { return i.Time().Format(time.RFC3339Nano) }

// AppendTo appends to b what String returns.
func (i Instant) AppendTo(b []byte) []byte { return i.Time().AppendFormat(b, time.RFC3339Nano) }

// rfc3339 matches date-time of RFC 3339, section 5.6, which time.Parse reads too
// loosely: it accepts a comma before the fraction and offsets of a day. The one group is
// the seconds.
var rfc3339 = regexp.MustCompile(`^\d{4}-\d\d-\d\d[Tt](?:[01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$`)

var errFormat = errors.New("is not RFC 3339 with an offset, such as 2026-01-31T08:00:00+08:00")

// Parse reads a time of the years 1900 to 2199 in RFC 3339. T and Z may be lower case. A
// leap second, 23:59:60 UTC on the last day of a month, becomes the second that follows
// it, as in POSIX. Digits beyond the microsecond are cut.
func Parse(s string) (Instant, error) {
	t, err := parse(s)
	if err != nil {
		return 0, fmt.Errorf("time %.40q %w", s, err)
	}
	i := Of(t)
	if !InRange(i) {
		return 0, fmt.Errorf("time %.40q is not in the years 1900 to 2199", s)
	}
	return i, nil
}

func parse(s string) (time.Time, error) {
	parts := rfc3339.FindStringSubmatchIndex(s)
	if parts == nil {
		return time.Time{}, errFormat
	}
	leap := s[parts[2]:parts[3]] == "60"
	if leap {
		s = s[:parts[2]] + "59" + s[parts[3]:]
	}
	t, err := time.Parse(time.RFC3339Nano, strings.ToUpper(s))
	if err != nil {
		return t, errFormat // a day that the month does not have
	}
	if leap {
		t = t.Add(time.Second)
		if next := t.UTC().Truncate(time.Second); next.Day() != 1 || next.Hour() != 0 || next.Minute() != 0 || next.Second() != 0 {
			return t, errors.New("has a leap second that is not the last of a month in UTC")
		}
	}
	return t, nil
}

// MarshalText implements encoding.TextMarshaler as RFC 3339.
func (i Instant) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler with Parse.
func (i *Instant) UnmarshalText(text []byte) (err error) {
	*i, err = Parse(string(text))
	return err
}

// MarshalGQL writes the GraphQL scalar Time.
func (i Instant) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(i.String())) }

// UnmarshalGQL reads the GraphQL scalar Time.
func (i *Instant) UnmarshalGQL(v any) (err error) {
	s, ok := v.(string)
	if !ok {
		return errors.New(`a time is a string, such as "2026-01-31T08:00:00+08:00"`)
	}
	*i, err = Parse(s)
	return err
}

// Clock returns the current time. Tests inject their own.
type Clock func() Instant

// Now returns the time of the system clock.
func Now() Instant { return Of(time.Now()) }
