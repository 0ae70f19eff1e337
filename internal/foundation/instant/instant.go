// Package instant is the one form of time in Tonggao: microseconds since 1970
// in UTC, an integer that sorts, pages and compares the same in Go, in SQLite
// and in PostgreSQL, whatever time zone the process or the client lives in.
//
// It refuses local times: what comes in needs an offset (or a Zone named by the
// caller), what goes out carries +08:00, the zone in which the portals live.
package instant

import (
	"fmt"
	"io"
	"strconv"
	"time"
)

// Instant is a point in time as microseconds since the Unix epoch.
type Instant int64

// Zone is Asia/Shanghai. China has had no summer time since 1991, so the fixed
// offset spares the program a time-zone database.
var Zone = time.FixedZone("CST", 8*60*60)

// Of cuts t down to the microsecond.
func Of(t time.Time) Instant { return Instant(t.UnixMicro()) }

// Time is i in Asia/Shanghai.
func (i Instant) Time() time.Time { return time.UnixMicro(int64(i)).In(Zone) }

// The years that content may have: 1900 up to, and without, 2200.
var (
	first = Of(time.Date(1900, 1, 1, 0, 0, 0, 0, Zone))
	end   = Of(time.Date(2200, 1, 1, 0, 0, 0, 0, Zone))
)

// InRange reports whether i lies in the years 1900 to 2199, as all times of content must.
func InRange(i Instant) bool { return i >= first && i < end }

// Add is i moved by d.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d.Microseconds()) }

// Sub is the time from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i-j) * time.Microsecond }

// String is RFC 3339 with offset, such as 2019-10-10T17:45:07+08:00; a fraction
// of a second is shown only where there is one.
func (i Instant) String() string { return i.Time().Format(time.RFC3339Nano) }

// Parse reads RFC 3339 with an offset, from year 1 to 9999.
func Parse(s string) (Instant, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0, fmt.Errorf("time %.40q is not RFC 3339 with an offset, such as 2026-01-31T08:00:00+08:00", s)
	}
	return Of(t), nil
}

// MarshalText writes RFC 3339.
func (i Instant) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads RFC 3339.
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
		return fmt.Errorf("a time is a string, such as \"2026-01-31T08:00:00+08:00\"")
	}
	*i, err = Parse(s)
	return err
}

// Clock tells the time. Tests hand in their own.
type Clock func() Instant

// Now is the Clock of the machine.
func Now() Instant { return Of(time.Now()) }
