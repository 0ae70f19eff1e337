package mdin_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/mdin"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/testkit/effort"
)

// soup is syntax and texts that the test combines at random.
var soup = []string{"\n", "\n", "\n\n", "\n\n", "# ", "## ", "- ", "  - ", "    ", "1. ", "3) ", "> ", ">", "*", "**", "_", "__", "~~", "`", "```", "```go\n", "[", "](/x)", "](https://example.org \"题\")", "![", "](/a.jpg)",
	"|", "| a | b |\n| - | - |\n| c | d |\n", "---", "===", "\\", "  \n", "\t", "<b>", "</b>", "<br>", "<table><tr><td>", "</table>", "<u>", "</u>", "<!-- x -->", "<div>", "</div>", "<https://example.org>", "&amp;", "&lt;", "!",
	"中文", "：", "“引”", "。", "a", "b c", "1", "　", "👍🏽", "[x]: /y\n"}

// TestParseSoup checks that random Markdown becomes documents that read back.
func TestParseSoup(t *testing.T) {
	t.Parallel()
	for seed := range uint64(effort.N(1_000)) {
		random := rand.New(rand.NewPCG(seed, 9))
		var text strings.Builder
		for range 1 + random.IntN(25) {
			text.WriteString(soup[random.IntN(len(soup))])
		}
		d, err := mdin.Parse(text.String())
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		want := body.Document{Content: sayable(d.Content)}
		markdown := render.Markdown(want)
		got, err := mdin.Parse(markdown)
		if err != nil || body.Hash(got) != body.Hash(want) {
			t.Fatalf("seed %d: %v\n%q\nmarkdown:\n%s\nwant %s\n got %s", seed, err, text.String(), markdown, want.AppendJSON(nil), got.AppendJSON(nil))
		}
	}
}
