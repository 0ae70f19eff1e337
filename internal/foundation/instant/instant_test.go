package instant_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// TestParse reads the forms of RFC 3339, and refuses what time.Parse accepts although
// the RFC does not. Empty: refused.
func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2019-10-10T17:45:07+08:00":           "2019-10-10T17:45:07+08:00",
		"2019-10-10T09:45:07Z":                "2019-10-10T17:45:07+08:00",
		"2025-06-01T00:00:00z":                "2025-06-01T08:00:00+08:00",
		"2025-06-01t00:00:00z":                "2025-06-01T08:00:00+08:00",
		"2025-06-01t00:00:00+00:00":           "2025-06-01T08:00:00+08:00",
		"2025-06-01T00:00:00-00:00":           "2025-06-01T08:00:00+08:00",
		"2025-06-01T00:00:00-23:59":           "2025-06-02T07:59:00+08:00",
		"2025-06-01T00:00:00+23:59":           "2025-05-31T08:01:00+08:00",
		"2025-06-01T00:00:00.5Z":              "2025-06-01T08:00:00.5+08:00",
		"2025-06-01T00:00:00.000001Z":         "2025-06-01T08:00:00.000001+08:00",
		"2025-06-01T00:00:00.0000019Z":        "2025-06-01T08:00:00.000001+08:00", // cut, not rounded
		"2025-06-01T00:00:00.12345678901234Z": "2025-06-01T08:00:00.123456+08:00",
		"2024-02-29T00:00:00+08:00":           "2024-02-29T00:00:00+08:00",
		"1969-12-31T23:59:59.9+00:00":         "1970-01-01T07:59:59.9+08:00",

		// leap seconds become the second that follows
		"2016-12-31T23:59:60Z":          "2017-01-01T08:00:00+08:00",
		"2017-01-01T07:59:60+08:00":     "2017-01-01T08:00:00+08:00",
		"1990-12-31T15:59:60-08:00":     "1991-01-01T08:00:00+08:00",
		"2016-12-31t23:59:60.25z":       "2017-01-01T08:00:00.25+08:00",
		"2015-06-30T23:59:60Z":          "2015-07-01T08:00:00+08:00",
		"2016-12-30T23:59:60Z":          "",
		"2016-12-31T23:58:60Z":          "",
		"2016-12-31T12:00:60Z":          "",
		"2016-12-31T23:59:60+08:00":     "",
		"2016-12-31T23:59:61Z":          "",
		"2016-12-31T23:60:00Z":          "",
		"2199-12-31T15:59:60Z":          "",
		"2199-12-31T23:59:59.9+08:00":   "2199-12-31T23:59:59.9+08:00",
		"1900-01-01T00:00:00+08:00":     "1900-01-01T00:00:00+08:00",
		"1899-12-31T23:59:59.9+08:00":   "",
		"1899-12-31T16:00:00Z":          "1900-01-01T00:00:00+08:00",
		"2200-01-01T00:00:00+08:00":     "",
		"2199-12-31T16:00:00Z":          "",
		"0000-01-01T00:00:00Z":          "",
		"0001-01-01T00:00:00Z":          "",
		"9999-12-31T23:59:59Z":          "",
		"2025-06-01T00:00:00,5Z":        "",
		"2025-06-01T00:00:00+24:00":     "",
		"2025-06-01T00:00:00+08:60":     "",
		"2025-06-01T00:00:00+0800":      "",
		"2025-06-01T00:00:00+08":        "",
		"2025-06-01T00:00:00.Z":         "",
		"2025-06-01T00:00Z":             "",
		"2025-06-01T24:00:00Z":          "",
		"2025-06-01T1:00:00Z":           "",
		"2025-06-01 00:00:00Z":          "",
		"2025-06-01T00:00:00":           "",
		"2025-06-01":                    "",
		"2025-02-29T00:00:00Z":          "",
		"2025-13-01T00:00:00Z":          "",
		"2025-00-01T00:00:00Z":          "",
		"25-06-01T00:00:00Z":            "",
		"+2025-06-01T00:00:00Z":         "",
		"12025-06-01T00:00:00Z":         "",
		" 2025-06-01T00:00:00Z":         "",
		"2025-06-01T00:00:00Z\n":        "",
		"２０２５-06-01T00:00:00Z":          "",
		"1748736000":                    "",
		"now":                           "",
		"":                              "",
		strings.Repeat("2025-06", 9000): "",
	} {
		got, err := instant.Parse(text)
		switch {
		case want == "" && err == nil:
			t.Errorf("%.60q is read as %s", text, got)
		case want == "" && (got != 0 || len(err.Error()) > 200):
			t.Errorf("%.60q: %d, %v", text, got, err)
		case want != "" && (err != nil || got.String() != want):
			t.Errorf("%.60q: %s, %v; want %s", text, got, err, want)
		}
	}
}

// TestParseErrors checks that a message says what is wrong with a time.
func TestParseErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"tomorrow":             `time "tomorrow" is not RFC 3339 with an offset, such as`,
		"1066-10-14T09:00:00Z": "is not in the years 1900 to 2199",
		"2016-12-30T23:59:60Z": "has a leap second that is not the last of a month",
	} {
		if _, err := instant.Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// TestText writes and reads times as JSON and as a GraphQL scalar.
func TestText(t *testing.T) {
	t.Parallel()
	type row struct {
		At  instant.Instant  `json:"at"`
		End *instant.Instant `json:"end"`
	}
	const text = `{"at":"2026-03-02T09:00:00.25+08:00","end":null}`
	var r row
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	if again, err := json.Marshal(r); err != nil || string(again) != text {
		t.Errorf("%s, %v", again, err)
	}
	if json.Unmarshal([]byte(`{"at":"2026-03-02"}`), &r) == nil {
		t.Error("JSON: a date is read as a time")
	}

	var written strings.Builder
	r.At.MarshalGQL(&written)
	plain, err := strconv.Unquote(written.String())
	if err != nil {
		t.Fatal(err)
	}
	var got instant.Instant
	if err := got.UnmarshalGQL(plain); err != nil || got != r.At {
		t.Errorf("GraphQL: %s, %v", got, err)
	}
	for _, bad := range []any{nil, 5, int64(5), true, "", "2026-03-02", []any{plain}} {
		if got.UnmarshalGQL(bad) == nil {
			t.Errorf("GraphQL: %v is read as a time", bad)
		}
	}
}

func TestArithmetic(t *testing.T) {
	t.Parallel()
	begin := instant.Of(time.Date(2026, 3, 2, 9, 0, 0, 1_999, instant.Zone)) // nanoseconds are cut
	later := begin.Add(36*time.Hour + time.Microsecond)
	if begin.Time().Nanosecond() != 1_000 || later.Sub(begin) != 36*time.Hour+time.Microsecond || begin.Sub(later) >= 0 {
		t.Errorf("%s, %s", begin, later)
	}
	if got := later.Time().Location(); got != instant.Zone {
		t.Errorf("times are in %s", got)
	}
	now := instant.Now()
	if !instant.InRange(now) || now.Sub(instant.Of(time.Now())) > time.Minute {
		t.Errorf("now is %s", now)
	}
}

// FuzzParse checks that what is read is in range, and that its text is read again as
// the same instant, as encoding/json and the archives rely on.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"2016-12-31T23:59:60Z", "2025-06-01t00:00:00.5+08:00", "1900-01-01T00:00:00+08:00", "2025-06-01T00:00:00,5Z"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		i, err := instant.Parse(text)
		if err != nil {
			return
		}
		if !instant.InRange(i) {
			t.Fatalf("%q: %s is out of range", text, i)
		}
		if again, err := instant.Parse(i.String()); err != nil || again != i {
			t.Errorf("%q: %s is read again as %s, %v", text, i, again, err)
		}
	})
}
