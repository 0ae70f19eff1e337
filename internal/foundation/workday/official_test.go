package workday_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/workday"
)

// operator is a file with a new year and a late change to a known one.
const operator = `[
	{"year": 2027, "notice": "市场部自拟", "holidays": [{"name": "春节", "from": "2027-02-05", "to": "2027-02-11"}], "workdays": ["2027-02-13"]},
	{"year": 2026, "holidays": [{"name": "台风停工", "from": "2026-08-12", "to": "2026-08-13"}], "workdays": ["2026-02-22"]}
]`

func TestLoadFileAndMerge(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "calendar.json")
	if err := os.WriteFile(path, []byte(operator), 0o600); err != nil {
		t.Fatal(err)
	}
	extra, err := workday.LoadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := workday.Official().Merge(extra)
	for day, works := range map[string]bool{
		"2026-02-21": false, // as the notice says
		"2026-02-22": true,  // as the file says
		"2026-08-12": false,
		"2026-08-14": true,
		"2027-02-05": false,
		"2027-02-13": true,
	} {
		if c.Is(at(t, day+"T12:00:00+08:00")) != works {
			t.Errorf("%s: not %v", day, works)
		}
	}
	if !c.Covers(2027) || !c.Covers(2020) || workday.Official().Covers(2027) {
		t.Error("the merged calendar covers both, the official one is unchanged")
	}
	if workday.Official().Is(at(t, "2026-02-22T12:00:00+08:00")) {
		t.Error("merging changed the official calendar")
	}
	var none workday.Calendar
	if !none.Merge(extra).Covers(2027) || !extra.Merge(none).Covers(2027) {
		t.Error("merging with the zero calendar loses a year")
	}
}

func TestLoadFileErrors(t *testing.T) {
	t.Parallel()
	if _, err := workday.LoadFile(filepath.Join(t.TempDir(), "missing.json")); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a missing file: %v", err)
	}
	path := filepath.Join(t.TempDir(), "calendar.json")
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := workday.LoadFile(path); !fault.Is(err, fault.BadUserInput) || !strings.Contains(err.Error(), path) {
		t.Errorf("a file of another kind: %v", err)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``:                                 "EOF",
		`{}`:                               "cannot unmarshal",
		`[] []`:                            "unexpected data",
		`[{"year": 2027, "off": 1}]`:       `unknown field "off"`,
		`[{"year": 0}]`:                    "not a year",
		`[{"year": 10000}]`:                "not a year",
		`[{"year": 2027}, {"year": 2027}]`: "the year is listed twice",
		`[{"year": 2027, "workdays": ["2027-02-30"]}]`:                                                                         "2027-02-30",
		`[{"year": 2027, "workdays": ["13.2.2027"]}]`:                                                                          "is not a date",
		`[{"year": 2027, "workdays": [null]}]`:                                                                                 "is not a date",
		`[{"year": 2027, "workdays": ["2028-01-02"]}]`:                                                                         "2028-01-02 is not in 2027",
		`[{"year": 2027, "workdays": ["2027-02-13", "2027-02-13"]}]`:                                                           "2027-02-13 is listed twice",
		`[{"year": 2027, "holidays": [{"name": "春节", "from": "2027-02-11", "to": "2027-02-05"}]}]`:                             "春节: 2027-02-11 to 2027-02-05",
		`[{"year": 2027, "holidays": [{"name": "春节", "from": "2027-02-05", "to": "2027-12-05"}]}]`:                             "1 to 31 days",
		`[{"year": 2027, "holidays": [{"name": "春节", "from": "2027-02-05"}]}]`:                                                 "1 to 31 days",
		`[{"year": 2027, "holidays": [{"name": "春节", "from": "2027-02-05", "to": "2027-02-11"}], "workdays": ["2027-02-06"]}]`: "2027-02-06 is listed twice",
	} {
		if _, err := workday.Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngot %v, want %q", text, err, want)
		}
	}
}

// FuzzParse checks that, for any file, a deadline is the end of a working day, and that
// exactly the given number of working days are between it and the day of filing.
func FuzzParse(f *testing.F) {
	f.Add([]byte(operator), int64(1_770_000_000_000_000), uint8(3))
	f.Add([]byte(`[{"year": 2023, "holidays": [{"name": "元旦", "from": "2022-12-31", "to": "2023-01-02"}]}]`), int64(1_672_300_000_000_000), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, filed int64, days uint8) {
		c, err := workday.Parse(data)
		if err != nil {
			return
		}
		const day = instant.Instant(24 * 60 * 60 * 1_000_000)
		from := instant.Instant(filed % (1 << 57)) // some 4,500 years around 1970
		due := c.Deadline(from, int(days))
		if due <= from || !c.Is(due) || c.Is(due+1) && c.Deadline(due+1, 1) <= due {
			t.Fatalf("filed %s, %d days: due %s", from, days, due)
		}
		counted := 0
		for at := due; at-day >= from; at -= day { // at ends a day after that of from
			if c.Is(at) {
				counted++
			}
		}
		if counted != max(int(days), 1) {
			t.Fatalf("filed %s, %d days: due %s, which is %d working days", from, days, due, counted)
		}
	})
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
