package htmlin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/body/htmlin"
	"github.com/tonggao/tonggao/internal/testkit/timing"
)

// hostile pages cost a tree builder the square of their size.
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

// TestHostilePagesStayCheap reads pages of 256 kB. The bound is a hundred
// times what they take, and a hundredth of what quadratic work would.
func TestHostilePagesStayCheap(t *testing.T) {
	t.Parallel()
	for name, piece := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			d, err := htmlin.Parse(strings.Repeat(piece, 1<<18/len(piece)))
			if took := time.Since(start); took > 30*time.Second*timing.Slowdown {
				t.Errorf("took %v", took)
			} else {
				t.Logf("%v, %v", took, err)
			}
			if err == nil && d.Validate() != nil {
				t.Error(d.Validate())
			}
		})
	}
}
