package htmlin_test

import (
	"testing"

	"github.com/tonggao/tonggao/internal/body/htmlin"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/testkit/docgen"
	"github.com/tonggao/tonggao/internal/testkit/effort"
)

// TestParseRendered checks that rendered pages read back to documents that render the same.
func TestParseRendered(t *testing.T) {
	t.Parallel()
	for seed := range uint64(effort.N(600)) {
		want := render.HTML(docgen.Document(seed), terminal.Web, render.Options{})
		d, err := htmlin.Parse(want)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, want)
		}
		if got := render.HTML(d, terminal.Web, render.Options{}); got != want {
			t.Fatalf("seed %d\nwant %s\n got %s", seed, want, got)
		}
	}
}
