package report_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/moderation/report"
)

var canonical = regexp.MustCompile(`^R(-[0-9A-HJKMNP-TV-Z]{4}){4}$`)

// TestReceipt lists the ways in which people type a receipt.
func TestReceipt(t *testing.T) {
	t.Parallel()
	const meant = "R-7KQ2-M9XD-4T81-WZ30"
	for typed, want := range map[string]string{
		"R-7KQ2-M9XD-4T81-WZ30": meant,
		"r-7kq2-m9xd-4t81-wz30": meant,
		" R7KQ2M9XD4T81WZ30\n":  meant,
		"R 7KQ2 M9XD 4T81 WZ30": meant,
		"7KQ2-M9XD-4T81-WZ30":   meant,
		"R-7KQ2-M9XD-4T8I-WZ3O": meant,
		"R-7KQ2-M9XD-4T8l-WZ3o": meant,
		"R–7KQ2—M9XD‐4T81−WZ30": "", // the last is a minus, not a hyphen
		"R–7KQ2—M9XD‐4T81‑WZ30": meant,
		"Ｒ－７ＫＱ２－Ｍ９ＸＤ－４Ｔ８１－ｗｚ３０":     meant,
		"R　7KQ2　M9XD　4T81　WZ30":     meant,
		"":                          "",
		"R":                         "",
		"R-7KQ2-M9XD-4T81-WZ3":      "R-R7KQ-2M9X-D4T8-1WZ3", // a receipt, though an unknown one
		"R-7KQ2-M9XD-4T81-WZ300":    "",
		"R-7KQ2-M9XD-4T81-WZ3U":     "",
		"R-7KQ2-M*XD-4T81-WZ30":     "",
		"X-7KQ2-M9XD-4T81-WZ30":     "",
		"R-7KQ2-M9XD-4T81-WZ3\x00":  "",
		strings.Repeat("R", 10_000): "",
	} {
		got, ok := report.Receipt(typed)
		if got != want || ok != (want != "") {
			t.Errorf("%.40q: got %q, %v, want %q", typed, got, ok, want)
		}
	}
}

// FuzzReceipt checks that Receipt returns only canonical receipts, and each of them
// unchanged.
func FuzzReceipt(f *testing.F) {
	f.Add("r 7kq2 m9xd 4t8l wz3o")
	f.Add("Ｒ－７ＫＱ２－Ｍ９ＸＤ－４Ｔ８１－ｗｚ３０")
	f.Fuzz(func(t *testing.T, typed string) {
		got, ok := report.Receipt(typed)
		if ok != canonical.MatchString(got) {
			t.Fatalf("%q: %q, %v", typed, got, ok)
		}
		if again, _ := report.Receipt(got); ok && again != got {
			t.Fatalf("%q: %q, and then %q", typed, got, again)
		}
	})
}
