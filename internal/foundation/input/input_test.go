package input_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/instant"
)

func TestLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ value, want, code string }{
		{" 养老 ", "养老", ""}, {"a\tb", "", "INVALID"}, {"a\nb", "", "INVALID"}, {"a\x00b", "", "INVALID"}, {"a\x1b[31mb", "", "INVALID"},
		{"", "", "REQUIRED"}, {" \u3000", "", "REQUIRED"}, {"\u200b\u200d", "", "REQUIRED"}, {"\u3164", "", "REQUIRED"}, {"\ufe0f", "", "REQUIRED"},
		{"a\u202eb", "", "INVALID"}, {"a\u2066b", "", "INVALID"}, {"a\u2028b", "", "INVALID"}, {"\u200fئۇيغۇر", "\u200fئۇيغۇر", ""},
		{"\xff", "", "INVALID"}, {"0123456789", "0123456789", ""}, {"01234567890", "", "TOO_LONG"}, {"👨‍👩‍👧", "👨‍👩‍👧", ""},
	} {
		var bad fault.Invalid
		got := input.Line(&bad, "title", c.value, 1, 10)
		if code := codeOf(bad); code != c.code || code == "" && got != c.want {
			t.Errorf("%+q: %+q, %v", c.value, got, bad)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ value, want, code string }{
		{"一\r\n二\r三\u2028四", "一\n二\n三\n四", ""}, {"a\tb", "a\tb", ""}, {"a\ab", "", "INVALID"}, {"a\u202eb", "", "INVALID"},
		{"", "", ""}, {"\u200b", "", "REQUIRED"}, {strings.Repeat("长", 21), "", "TOO_LONG"},
	} {
		var bad fault.Invalid
		got := input.Text(&bad, "reason", c.value, 0, 20)
		if code := codeOf(bad); code != c.code || code == "" && got != c.want {
			t.Errorf("%+q: %+q, %v", c.value, got, bad)
		}
	}
}

func TestInstant(t *testing.T) {
	t.Parallel()
	for at, ok := range map[time.Time]bool{
		time.Date(1900, 1, 1, 0, 0, 0, 0, instant.Zone): true, time.Date(1899, 12, 31, 23, 59, 59, 0, instant.Zone): false,
		time.Date(2199, 12, 31, 23, 59, 59, 0, instant.Zone): true, time.Date(2200, 1, 1, 0, 0, 0, 0, instant.Zone): false,
	} {
		var bad fault.Invalid
		if input.Instant(&bad, "publishAt", instant.Of(at)); (len(bad) == 0) != ok {
			t.Errorf("%s: %v", at, bad)
		}
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{" 清溪镇 ": "", "": "REQUIRED", strings.Repeat("镇", input.MaxName): "", strings.Repeat("镇", input.MaxName+1): "TOO_LONG", "清溪\n镇": "INVALID"} {
		var bad fault.Invalid
		if got := input.Name(&bad, "name", name); codeOf(bad) != want || want == "" && got != strings.TrimSpace(name) {
			t.Errorf("%q: %q, %v", name, got, bad)
		}
	}
}

// TestLength checks texts that must have some characters.
func TestLength(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "REQUIRED", "短": "INVALID", "够长了": ""} {
		var bad fault.Invalid
		if input.Text(&bad, "statement", text, 3, 10); codeOf(bad) != want {
			t.Errorf("%q: %v", text, bad)
		}
	}
}

func TestRaw(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{"": true, "标签": true, "a\nb\x1b": true, "a\x00b": false, "\xff": false, "\xed\xa0\x80": false} {
		if input.Raw(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}

func codeOf(bad fault.Invalid) string {
	if len(bad) == 0 {
		return ""
	}
	return bad[0].Code
}

// FuzzClean checks that what Clean returns is what Text accepts, unchanged.
func FuzzClean(f *testing.F) {
	for _, seed := range []string{"", "a\x00b", "a\u202eb\r\nc", "\xff\xfe", "一\u2029二"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		clean := input.Clean(text)
		if !utf8.ValidString(clean) || !input.Raw(clean) {
			t.Fatalf("%+q", clean)
		}
		var bad fault.Invalid
		if got := input.Text(&bad, "x", clean, 0, len(clean)+1); got != clean || len(bad) > 0 && bad[0].Code != "REQUIRED" {
			t.Errorf("%+q: %+q, %v", clean, got, bad)
		}
	})
}
