package render_test

import (
	"testing"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/testkit/docgen"
)

// BenchmarkTerminal renders an article of 4,000 characters; the goal is below
// 200 µs a terminal.
func BenchmarkTerminal(b *testing.B) {
	d, o := docgen.Article(1, 4000), render.Options{BaseURL: "https://portal.example.cn"}
	for _, t := range terminal.All() {
		b.Run(t.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				render.HTML(d, t, o)
			}
		})
	}
	forms := map[string]func(){
		"nodes":    func() { render.NodesJSON(render.MiniProgram(d, o)) },
		"markdown": func() { render.Markdown(d) },
		"text":     func() { render.Text(d) },
		"document": func() { d.AppendJSON(nil) },
		"excerpt":  func() { render.Excerpt(d, 200) },
		"losses":   func() { render.Losses(d, terminal.OfficialAccount, o) },
		"hash":     func() { body.Hash(d) },
	}
	for name, form := range forms {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				form()
			}
		})
	}
}
