package body_test

import (
	"testing"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/htmlin"
	"github.com/tonggao/tonggao/internal/body/mdin"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/testkit/docgen"
)

// BenchmarkReading reads an article of 4,000 characters from each of its forms.
func BenchmarkReading(b *testing.B) {
	d := docgen.Article(1, 4000)
	tree := d.AppendJSON(nil)
	page := render.HTML(d, terminal.Web, render.Options{})
	markdown := render.Markdown(d)
	for name, read := range map[string]func() (body.Document, error){
		"tree":     func() (body.Document, error) { return body.Parse(tree) },
		"stored":   func() (body.Document, error) { return body.Load(tree) },
		"html":     func() (body.Document, error) { return htmlin.Parse(page) },
		"markdown": func() (body.Document, error) { return mdin.Parse(markdown) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := read(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
