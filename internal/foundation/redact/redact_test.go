package redact_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/foundation/redact"
)

func TestName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"3a3d9f27": "3a3d****", "3a3d": "3a****", "李": "****", "张三": "张****", "欧阳小明": "欧阳****", "": "****",
		"清溪镇养老服务中心": "清溪镇养****", "a much longer name": "a mu****", "3a3d****": "3a3d****", "****": "****",
		"👩‍⚕️": "👩\u200d****", // cut between code points: nothing of it identifies a person
	} {
		if got := redact.Name(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"117.173.23.14": "117.173.23.***", "0.0.0.0": "0.0.0.***", "255.255.255.255": "255.255.255.***",
		"::ffff:117.173.23.14": "117.173.23.***", "2001:db8:12:3456::7": "2001:0db8:0012:***", "::1": "0000:0000:0000:***",
		"fe80::1%eth0": "fe80:0000:0000:***", "117.173.23.***": "117.173.23.***", "2001:0db8:0012:***": "2001:0db8:0012:***",
		"": "", "localhost": "", "117.173.23": "", "117.173.23.14:80": "", " 117.173.23.14": "",
	} {
		if got := redact.Address(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}

// FuzzRedact checks that redaction is idempotent and hides at least half of a name.
func FuzzRedact(f *testing.F) {
	for _, seed := range []string{"3a3d9f27", "张三", "117.173.23.14", "2001:db8::1", "****", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name, address := redact.Name(text), redact.Address(text)
		if redact.Name(name) != name || redact.Address(address) != address {
			t.Errorf("%q: %q, %q are redacted again to %q, %q", text, name, address, redact.Name(name), redact.Address(address))
		}
		if strings.HasSuffix(text, "****") {
			return
		}
		if shown := utf8.RuneCountInString(strings.TrimSuffix(name, "****")); shown > 4 || 2*shown > utf8.RuneCountInString(text) {
			t.Errorf("%q shows %d characters as %q", text, shown, name)
		}
	})
}
