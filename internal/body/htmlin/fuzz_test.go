package htmlin_test

import (
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/htmlin"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

func addInputs(f *testing.F) {
	names, err := filepath.Glob("../testdata/*.txtar")
	if err != nil || len(names) == 0 {
		f.Fatalf("no inputs: %v", err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(txtar.Parse(data).Files[0].Data))
	}
}

// stable fails unless the document is valid and its page reads back to it.
func stable(t *testing.T, d body.Document) {
	t.Helper()
	if err := d.Validate(); err != nil {
		t.Fatal(err)
	}
	page := render.HTML(d, terminal.Web, render.Options{})
	again, err := htmlin.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	if got := render.HTML(again, terminal.Web, render.Options{}); got != page {
		t.Fatalf("page\n%s\nread again\n%s", page, got)
	}
}

// FuzzParse checks that any page becomes a valid document that reads back.
func FuzzParse(f *testing.F) {
	addInputs(f)
	f.Fuzz(func(t *testing.T, page string) {
		d, err := htmlin.ParseAt(page, "https://old.example.cn/a/b.html")
		if err != nil {
			return // too large
		}
		stable(t, d)
	})
}

// FuzzWordPress checks the same for posts.
func FuzzWordPress(f *testing.F) {
	addInputs(f)
	f.Fuzz(func(t *testing.T, content string) {
		d, err := htmlin.WordPress(content, "")
		if err != nil {
			return // too large
		}
		stable(t, d)
	})
}

// FuzzDecode checks that decoded pages are UTF-8.
func FuzzDecode(f *testing.F) {
	f.Add([]byte("\xc4\xe3\xba\xc3"), "text/html; charset=gb2312")
	f.Add([]byte("\xef\xbb\xbf<p>a"), "")
	f.Add([]byte("<meta charset=big5>\xa7\x41"), "text/html")
	f.Fuzz(func(t *testing.T, raw []byte, contentType string) {
		if text, err := htmlin.Decode(raw, contentType); err == nil && !utf8.ValidString(text) {
			t.Fatalf("%q is not UTF-8", text)
		}
	})
}
