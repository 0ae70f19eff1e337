package seal_test

import (
	"bytes"
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

// TestRotation seals with one key and opens with a ring that has a newer one in front; a
// ring without the old key does not open.
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
		t.Error("Stale does not report the value of an older key")
	}
	if _, err := both.Open("secret of b", sealed); err == nil {
		t.Error("opens for another purpose")
	}
	if _, err := ring(t, newer).Open("secret of a", sealed); err == nil {
		t.Error("opens without its key")
	}
	again, err := ring(t, older).Seal("secret of a", "whsec_密")
	if err != nil || again == sealed {
		t.Errorf("the same text is sealed twice to the same value: %q, %v", again, err)
	}
}

func TestParse(t *testing.T) {
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
		t.Error("an empty text has keys")
	}
	if _, err := (seal.Ring{}).Seal("a", "b"); err == nil {
		t.Error("a ring without keys seals")
	}
}

// FuzzOpen checks that no other value than the sealed one opens.
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

// TestSealBytes seals a file and opens it after the key was rotated.
func TestSealBytes(t *testing.T) {
	t.Parallel()
	older, newer := seal.NewKey(), seal.NewKey()
	data := []byte("%PDF-1.7 证明材料")
	sealed, err := ring(t, older).SealBytes("file fil_1", data)
	if err != nil || bytes.Contains(sealed, data[:8]) {
		t.Fatalf("%q, %v", sealed, err)
	}
	if got, err := ring(t, newer, older).OpenBytes("file fil_1", sealed); err != nil || !bytes.Equal(got, data) {
		t.Errorf("%q, %v", got, err)
	}
	damaged := bytes.Clone(sealed)
	damaged[len(damaged)-1] ^= 1
	for name, open := range map[string]func() ([]byte, error){
		"for another file":  func() ([]byte, error) { return ring(t, older).OpenBytes("file fil_2", sealed) },
		"damaged":           func() ([]byte, error) { return ring(t, older).OpenBytes("file fil_1", damaged) },
		"without the key":   func() ([]byte, error) { return ring(t, newer).OpenBytes("file fil_1", sealed) },
		"not sealed at all": func() ([]byte, error) { return ring(t, older).OpenBytes("file fil_1", data) },
		"without any key":   func() ([]byte, error) { return seal.Ring{}.OpenBytes("file fil_1", sealed) },
	} {
		if got, err := open(); err == nil || got != nil {
			t.Errorf("%s: opened %q", name, got)
		}
	}
	if _, err := (seal.Ring{}).SealBytes("file fil_1", data); err == nil {
		t.Error("a ring without keys seals")
	}
}

// TestPrefixes checks the prefixes by which the store finds values to seal again.
func TestPrefixes(t *testing.T) {
	t.Parallel()
	r := ring(t, seal.NewKey(), seal.NewKey())
	sealed, err := r.Seal("p", "text")
	if err != nil {
		t.Fatal(err)
	}
	if all := r.All(); len(all) != 2 || all[0] != r.Current() || all[1] == all[0] || !strings.HasPrefix(sealed, r.Current()) {
		t.Errorf("%q begins with %q of %q", sealed, r.Current(), all)
	}
	if (seal.Ring{}).Current() != "" || (seal.Ring{}).Stale(sealed) {
		t.Error("a ring without keys has a prefix")
	}
	for text, want := range map[string]bool{sealed: true, "s1.a.b": true, "text": false, "": false, "s1.a": false, "s2.a.b": false, "s1.a.b.c": false} {
		if seal.Is(text) != want {
			t.Errorf("%q: Is is %v", text, !want)
		}
	}
}

// TestDerive derives keys: they depend on the purpose and on the key, and those of an older
// key follow after a rotation.
func TestDerive(t *testing.T) {
	t.Parallel()
	older, newer := seal.NewKey(), seal.NewKey()
	a, b := ring(t, older).Derive("cursors"), ring(t, older).Derive("links")
	both := ring(t, newer, older).Derive("cursors")
	if len(a) != 1 || len(a[0]) != seal.KeySize || bytes.Equal(a[0], b[0]) || len(both) != 2 || bytes.Equal(both[0], a[0]) || !bytes.Equal(both[1], a[0]) {
		t.Errorf("derived %x, %x, %x", a, b, both)
	}
	if len((seal.Ring{}).Derive("cursors")) != 0 {
		t.Error("a ring without keys derives some")
	}
}
