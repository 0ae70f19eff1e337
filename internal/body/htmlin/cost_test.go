package htmlin_test

import (
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/body/htmlin"
	"github.com/tonggao/tonggao/internal/testkit/allocs"
)

// hostile pages are repetitions for which the tree construction algorithm of browsers
// takes time quadratic in their size.
var hostile = map[string]string{
	"open formatting":  `<b>`,
	"fonts":            `<font color=1><p>x`,
	"lists":            `<ul><li>`,
	"tables":           `<table><tr><td>x`,
	"divs":             `<div>x`,
	"stray ends":       `</p></b></td>x`,
	"quotes":           `<blockquote>x`,
	"links":            `<a href="https://example.org/x">x`,
	"cells":            `<td>x`,
	"figures":          `<figure><figcaption>x`,
	"breaks":           `x<br>`,
	"unclosed pre":     `<pre><div>`,
	"captions":         `<table><caption>x`,
	"entities":         `&amp;&#x4e2d;`,
	"open tag":         `<p a=`,
	"comment openings": `<!-`,
	"word items":       `<p style="mso-list:l0 level9 lfo1">x`,
}

// TestHostilePagesCostLinearly reads pages of two sizes: four times the size must not
// cost more than six times the memory, where quadratic work costs sixteen times.
func TestHostilePagesCostLinearly(t *testing.T) {
	const size = 16 << 10
	for name, piece := range hostile {
		t.Run(name, func(t *testing.T) {
			cost := func(size int) uint64 {
				page := strings.Repeat(piece, size/len(piece))
				return allocs.Bytes(func() {
					if d, err := htmlin.Parse(page); err == nil && d.Validate() != nil {
						t.Error(d.Validate())
					}
				})
			}
			if small, large := cost(size), cost(4*size); large > 6*small+1<<20 {
				t.Errorf("%d bytes cost %d, four times as many %d", size, small, large)
			}
		})
	}
}

func BenchmarkHostilePages(b *testing.B) {
	for name, piece := range hostile {
		page := strings.Repeat(piece, 1<<18/len(piece))
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(page)))
			for b.Loop() {
				_, _ = htmlin.Parse(page) // some are refused as too large
			}
		})
	}
}
