package mdin_test

import (
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/body/mdin"
	"github.com/tonggao/tonggao/internal/testkit/allocs"
)

var hostile = map[string]string{
	"quotes": ">", "quoted bullets": "> - ", "numbers": "1. ", "mixed bullets": "- + ", "spaced quotes": "> ", "bullets": "- ", "brackets": "[", "images": "![", "stars": "*a **a ", "runs of stars": "*", "underscores": "_a__b",
	"backticks": "`a``", "tildes": "~a", "angles": "<a ", "links": "[a](", "references": "[a]: b\n\n", "entities": "&amp;", "pipes": "|", "table": "|a|b|\n|-|-|\n",
	"headings": "# a\n", "backslashes": "\\", "tabs": "\t- a\n", "html": "<div>\n\n", "definitions": "[a][b]", "closings": "]", "parentheses": "[](((",
}

// TestHostileMarkdownCostsLinearly reads one and three of the largest paragraphs that are
// accepted: the cost of a paragraph may be quadratic, that of the text is linear.
func TestHostileMarkdownCostsLinearly(t *testing.T) {
	for name, piece := range hostile {
		t.Run(name, func(t *testing.T) {
			paragraph := strings.Repeat(piece, (15<<10)/len(piece)) + "\n\n"
			cost := func(paragraphs int) uint64 {
				return allocs.Bytes(func() {
					if d, err := mdin.Parse(strings.Repeat(paragraph, paragraphs)); err == nil && d.Validate() != nil {
						t.Error(d.Validate())
					}
				})
			}
			if one, three := cost(1), cost(3); three > 5*one+1<<20 {
				t.Errorf("one paragraph costs %d bytes, three cost %d", one, three)
			}
		})
	}
}

func BenchmarkHostileMarkdown(b *testing.B) {
	for name, piece := range hostile {
		text := strings.Repeat(strings.Repeat(piece, (15<<10)/len(piece))+"\n\n", 4)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				_, _ = mdin.Parse(text) // some are refused as too large
			}
		})
	}
}

func TestParseRefusesExpensiveMarkdown(t *testing.T) {
	t.Parallel()
	for want, text := range map[string]string{
		"deeper than":        "a\n\n" + strings.Repeat("> ", 65) + "b",
		"too many brackets":  strings.Repeat("[a](", 50_000),
		"more than 1048576":  strings.Repeat("a\n\n", 400_000),
		"more than 50000 no": strings.Repeat("a\n\n", 30_000),
	} {
		if _, err := mdin.Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}
