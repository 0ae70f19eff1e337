package mdin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/body/mdin"
	"github.com/tonggao/tonggao/internal/testkit/timing"
)

var hostile = map[string]string{
	"quotes": ">", "quoted bullets": "> - ", "numbers": "1. ", "mixed bullets": "- + ", "spaced quotes": "> ", "bullets": "- ", "brackets": "[", "images": "![", "stars": "*a **a ", "runs of stars": "*", "underscores": "_a__b",
	"backticks": "`a``", "tildes": "~a", "angles": "<a ", "links": "[a](", "references": "[a]: b\n\n", "entities": "&amp;", "pipes": "|", "table": "|a|b|\n|-|-|\n",
	"headings": "# a\n", "backslashes": "\\", "tabs": "\t- a\n", "html": "<div>\n\n", "definitions": "[a][b]", "closings": "]", "parentheses": "[](((",
}

// TestHostileMarkdownStaysCheap reads four of the largest paragraphs that are let
// through. The bound is several times what the dearest takes on a busy machine.
func TestHostileMarkdownStaysCheap(t *testing.T) {
	t.Parallel()
	for name, piece := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			paragraph := strings.Repeat(piece, (15<<10)/len(piece)) + "\n\n"
			start := time.Now()
			d, err := mdin.Parse(strings.Repeat(paragraph, 4))
			if took := time.Since(start); took > 20*time.Second*timing.Slowdown {
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

func TestOutOfProportionIsRefused(t *testing.T) {
	t.Parallel()
	for want, text := range map[string]string{
		"deeper than":        "a\n\n" + strings.Repeat("> ", 65) + "b",
		"without an empty":   strings.Repeat("长", 11_000),
		"more than 524288":   strings.Repeat("a\n\n", 200_000),
		"more than 50000 no": strings.Repeat("a\n\n", 30_000),
	} {
		if _, err := mdin.Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}
