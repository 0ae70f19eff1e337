package mdin_test

import (
	"testing"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/mdin"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/testkit/docgen"
	"github.com/tonggao/tonggao/internal/testkit/effort"
)

// sayable removes what Markdown cannot represent: the sizes of images, alignment and
// direction.
func sayable(nodes []body.Node) []body.Node {
	out := make([]body.Node, len(nodes))
	for i, n := range nodes {
		n.Align, n.Dir = "", ""
		if n.Kind == body.KindImage {
			n.Width, n.Height = 0, 0
		}
		if n.Content != nil {
			n.Content = sayable(n.Content)
		}
		out[i] = n
	}
	return out
}

// TestParseRendered checks that Markdown reads back to the document it was rendered from.
func TestParseRendered(t *testing.T) {
	t.Parallel()
	for seed := range uint64(effort.N(500)) {
		want := body.Document{Content: sayable(docgen.Document(seed).Content)}
		markdown := render.Markdown(want)
		got, err := mdin.Parse(markdown)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, markdown)
		}
		if a, b := string(want.AppendJSON(nil)), string(got.AppendJSON(nil)); a != b {
			t.Fatalf("seed %d\nmarkdown:\n%s\nwant %s\ngot  %s", seed, markdown, a, b)
		}
	}
}
