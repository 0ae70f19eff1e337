package report_test

import (
	"regexp"
	"strings"
	"testing"

	kind "github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
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

// TestHashReceipts starts with a report of an older version, whose receipt is stored in plain
// text: it is hashed, and its holder still finds the case. An old key still finds it, too.
func TestHashReceipts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		r := n.file(t, n.article, kind.KindCOPYRIGHT)
		const old = "R-7KQ2-M9XD-4T81-WZ30"
		if _, err := s.Client(system).ExecContext(system, "UPDATE reports SET receipt = $1, notifier = 'x' WHERE id = $2", old, r.ID); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			check.NoError(t, n.reports.HashReceipts(system))
			found, err := n.reports.Status(anonymous, "r7kq2m9xd4t81wz30")
			if err != nil || found.Kind != kind.KindCOPYRIGHT {
				t.Errorf("the case is %v, %v", found, err)
			}
		}
		row, err := s.Client(system).Report.Get(system, r.ID)
		check.NoError(t, err)
		if row.Receipt == old || strings.Contains(row.Receipt, "R-") || row.Notifier == "x" {
			t.Errorf("stored: %s, %s", row.Receipt, row.Notifier)
		}
		rotated, err := store.Open(system, store.Options{URL: s.URL, Clock: s.Clock, Keys: func() (seal.Ring, error) { return seal.Parse(seal.NewKey() + "," + storetest.Key) }})
		check.NoError(t, err)
		defer rotated.Close()
		if found, err := report.WithReceipt(system, rotated, old); err != nil || found.ID != r.ID {
			t.Errorf("after a rotation: %v, %v", found, err)
		}
	})
}
