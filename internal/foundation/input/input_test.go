package input_test

import (
	"strings"
	"testing"
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
	for at, ok := range map[string]bool{"1900-01-01T00:00:00+08:00": true, "1899-12-31T23:59:59+08:00": false, "2199-12-31T23:59:59+08:00": true, "2200-01-01T00:00:00+08:00": false} {
		var bad fault.Invalid
		i, err := instant.Parse(at)
		if err != nil {
			t.Fatal(err)
		}
		if input.Instant(&bad, "publishAt", i); (len(bad) == 0) != ok {
			t.Errorf("%s: %v", at, bad)
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
