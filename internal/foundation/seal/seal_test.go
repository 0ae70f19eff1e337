package seal_test

import (
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/seal"
)

func ring(t *testing.T, keys ...string) seal.Ring {
	t.Helper()
	r, err := seal.Parse(strings.Join(keys, ",\n"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestRotation seals with one key, opens with it behind a newer one, and no longer
// without it.
func TestRotation(t *testing.T) {
	t.Parallel()
	older, newer := seal.NewKey(), seal.NewKey()
	sealed, err := ring(t, older).Seal("secret of a", "whsec_密")
	if err != nil || strings.Contains(sealed, "whsec") {
		t.Fatalf("sealed %q, %v", sealed, err)
	}
	both := ring(t, newer, older)
	if text, err := both.Open("secret of a", sealed); err != nil || text != "whsec_密" {
		t.Errorf("opened %q, %v", text, err)
	}
	if !both.Stale(sealed) || ring(t, older).Stale(sealed) {
		t.Error("stale is what was sealed with an older key")
	}
	if _, err := both.Open("secret of b", sealed); err == nil {
		t.Error("opens for another purpose")
	}
	if _, err := ring(t, newer).Open("secret of a", sealed); err == nil {
		t.Error("opens without its key")
	}
	again, err := ring(t, older).Seal("secret of a", "whsec_密")
	if err != nil || again == sealed {
		t.Errorf("the same text twice is sealed alike: %q, %v", again, err)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for _, good := range []string{strings.Repeat("0f", 32), seal.NewKey()} {
		if ring(t, good).Empty() {
			t.Errorf("%q makes no ring", good)
		}
	}
	for _, bad := range []string{"password", strings.Repeat("ab", 31), seal.NewKey() + ",short"} {
		if _, err := seal.Parse(bad); err == nil || strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if r := ring(t, ""); !r.Empty() {
		t.Error("no text makes a ring with keys")
	}
	if _, err := (seal.Ring{}).Seal("a", "b"); err == nil {
		t.Error("a ring without keys seals")
	}
}

// FuzzOpen opens anything: what opens is what was sealed, and nothing else does.
func FuzzOpen(f *testing.F) {
	r, err := seal.Parse(strings.Repeat("0f", 32))
	if err != nil {
		f.Fatal(err)
	}
	sealed, err := r.Seal("p", "text")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add(sealed[:len(sealed)-1])
	f.Add("s1..")
	f.Fuzz(func(t *testing.T, given string) {
		if text, err := r.Open("p", given); err == nil && text != "text" {
			t.Errorf("%q opens as %q", given, text)
		}
	})
}
