package body_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/htmlin"
	"github.com/tonggao/tonggao/internal/body/mdin"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/testkit/docgen"
)

// MiB documents of various kinds; the goals are below 1 s to read and 300 ms to render.
func large() map[string]body.Document {
	const size = 1 << 20
	fill := func(one func(i int) body.Node) body.Document {
		var blocks []body.Node
		for i, used := 0, 0; used < size*9/10 && len(blocks) < 12_000; i++ {
			n := one(i)
			text, _ := n.MarshalJSON()
			used += len(text)
			blocks = append(blocks, n)
		}
		return body.Doc(blocks...)
	}
	row := func(i int) body.Node {
		return body.Row(body.Cell(body.Paragraph(body.Text("云渡养老服务站"))), body.Cell(body.Paragraph(body.Text("江南路，公交可达", body.Strong()))))
	}
	table := fill(row)
	return map[string]body.Document{
		"article":   docgen.Article(1, 330_000),
		"paragraph": body.Doc(body.Paragraph(body.Text(strings.Repeat("云渡街道第一家长者饭堂开张，凭卡八元一餐。", size/70)))),
		"table":     body.Doc(body.TableOf(table.Content...)),
		"links": fill(func(i int) body.Node {
			return body.Paragraph(body.Text("见"), body.Text("通知", body.Link("https://example.org/news/"+strconv.Itoa(i), "")), body.Text("。"))
		}),
		"footnotes": fill(func(i int) body.Node {
			return body.Paragraph(body.Text("见"), body.Footnote(body.Text("第"+strconv.Itoa(i)+"号公报")), body.Text("。"))
		}),
	}
}

// BenchmarkLarge reads and renders documents of about 1 MiB.
func BenchmarkLarge(b *testing.B) {
	for name, d := range large() {
		markdown, page := render.Markdown(d), render.HTML(d, terminal.Web, render.Options{})
		for form, run := range map[string]func() error{
			"read markdown": func() error { _, err := mdin.Parse(markdown); return err },
			"read html":     func() error { _, err := htmlin.Parse(page); return err },
			"web":           func() error { render.HTML(d, terminal.Web, render.Options{}); return nil },
			"mini-program":  func() error { render.NodesJSON(render.MiniProgram(d, render.Options{})); return nil },
			"parts":         func() error { render.Parts(render.MiniProgram(d, render.Options{}), render.PartBytes); return nil },
			"official":      func() error { render.OfficialAccountParts(d, render.Options{}); return nil },
			"markdown":      func() error { render.Markdown(d); return nil },
			"text":          func() error { render.Text(d); return nil },
			"losses":        func() error { render.Losses(d, terminal.OfficialAccount, render.Options{}); return nil },
		} {
			b.Run(name+"/"+form, func(b *testing.B) {
				for b.Loop() {
					if err := run(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

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
