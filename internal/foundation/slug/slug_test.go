package slug_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/slug"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	for s, good := range map[string]bool{
		"home-care-2026": true, "a": true, "0": true, "a-b": true, strings.Repeat("a", 100): true,
		"": false, strings.Repeat("a", 101): false, "A": false, "-a": false, "a-": false, "a--b": false,
		"a b": false, "a/b": false, "a.b": false, "a_b": false, "养老": false, "a\n": false, "a\x00": false, "é": false, "ａ": false,
	} {
		if err := slug.Check(s); (err == nil) != good {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestFromID(t *testing.T) {
	t.Parallel()
	for _, kind := range typeid.Kinds() {
		id := typeid.New(kind, instant.Instant(1_772_413_200_000_000))
		s := slug.FromID(id)
		if err := slug.Check(s); err != nil || len(s) != 26 || string(kind)+"_"+s != id {
			t.Errorf("%s: %q, %v", id, s, err)
		}
	}
}

// FuzzCheck checks that slugs need no escaping in URLs and file systems.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{"a-b", "A", "-", "a--b", "养老", "a%2f", strings.Repeat("a1-", 33) + "z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if slug.Check(s) != nil {
			return
		}
		if url.PathEscape(s) != s || url.QueryEscape(s) != s || strings.ToLower(s) != s || len(s) > 100 || strings.Trim(s, "-") != s {
			t.Errorf("%q passes", s)
		}
	})
}

// TestExtend makes another valid slug, also of the longest one.
func TestExtend(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"plan": "plan-456789", strings.Repeat("a", 100): strings.Repeat("a", 93) + "-456789", strings.Repeat("a", 92) + "-bcdefgh": strings.Repeat("a", 92) + "-456789"} {
		if got := slug.Extend(s, "0123456789"); got != want || slug.Check(got) != nil {
			t.Errorf("%s: %s, want %s", s, got, want)
		}
	}
}
