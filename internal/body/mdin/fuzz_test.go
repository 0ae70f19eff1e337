package mdin_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/mdin"
	"github.com/tonggao/tonggao/internal/body/render"
)

// FuzzParse checks that documents are valid, and that their Markdown reads back to the
// same document, except for what Markdown cannot represent.
func FuzzParse(f *testing.F) {
	names, err := filepath.Glob("../testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range txtar.Parse(data).Files {
			if strings.HasSuffix(file.Name, ".md") {
				f.Add(string(file.Data))
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := mdin.Parse(text)
		if err != nil {
			return // too large
		}
		if err := d.Validate(); err != nil {
			t.Fatal(err)
		}
		want := body.Document{Content: sayable(d.Content)}
		markdown := render.Markdown(want)
		got, err := mdin.Parse(markdown)
		if err != nil || body.Hash(got) != body.Hash(want) {
			t.Fatalf("%v\nmarkdown:\n%s\nwant %s\n got %s", err, markdown, want.AppendJSON(nil), got.AppendJSON(nil))
		}
	})
}
