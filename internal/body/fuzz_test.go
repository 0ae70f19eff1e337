package body_test

import (
	"bytes"
	"testing"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/testkit/docgen"
)

// FuzzParse checks that documents are valid, and that their canonical form reads back to
// itself.
func FuzzParse(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(docgen.Document(seed).AppendJSON(nil))
	}
	f.Add([]byte(`{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":" a \u0000b "}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := body.Parse(data)
		if err != nil {
			return
		}
		if err := d.Validate(); err != nil {
			t.Fatal(err)
		}
		canonical := d.AppendJSON(nil)
		again, err := body.Parse(canonical)
		if err != nil || !bytes.Equal(again.AppendJSON(nil), canonical) {
			t.Fatalf("%s\nread again: %s, %v", canonical, again.AppendJSON(nil), err)
		}
	})
}

// FuzzSafeURL checks that SafeURL is idempotent.
func FuzzSafeURL(f *testing.F) {
	for _, seed := range []string{"https://例子.example/路径?a=b&c#d", "//x/y", "/a b", "mailto:a@b", "java\tscript:alert(1)", "http://[::1]:80/", "https://u:p@h/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		for _, use := range []body.Use{body.ForLink, body.ForImage} {
			once, ok := body.SafeURL(raw, use)
			if !ok {
				continue
			}
			if twice, ok := body.SafeURL(once, use); !ok || twice != once {
				t.Fatalf("%q: %q, then %q %v", raw, once, twice, ok)
			}
		}
	})
}
