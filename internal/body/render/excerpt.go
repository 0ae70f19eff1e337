package render

import (
	"slices"
	"strings"
	"unicode"

	"github.com/tonggao/tonggao/internal/body"
)

// Excerpt is the first n characters of the running text in one line: what a
// list shows where an article has no lead. Only paragraphs are running text,
// those in quotations too; where there is none, headings, lists and tables stand
// in for it. A space parts two paragraphs unless a sign already does. No character is cut in two: an accent, an emoji of
// several parts or a flag is left out whole.
func Excerpt(d body.Document, n int) string {
	text := excerptOf(d, n, body.KindHeading, body.KindBulletList, body.KindOrderedList, body.KindTable)
	if text == "" {
		text = excerptOf(d, n)
	}
	return text
}

// excerptOf is the beginning of what stands in no code and none of these blocks.
func excerptOf(d body.Document, n int, without ...body.Kind) string {
	e := excerpt{most: n}
	body.Walk(d, func(_ body.Path, node body.Node) bool {
		switch {
		case node.Kind == body.KindText:
			e.add(node.Text)
		case node.Kind == body.KindCodeBlock, slices.Contains(without, node.Kind):
			return false
		default:
			e.gap = true
		}
		return len(e.runes) <= n
	})
	return e.cut()
}

type excerpt struct {
	runes []rune
	gap   bool // a new line starts
	most  int
}

func (e *excerpt) add(text string) {
	for _, r := range text {
		if len(e.runes) > e.most {
			return // one more than needed, to see whether the cut is clean
		}
		if e.gap && len(e.runes) > 0 && !parts(e.runes[len(e.runes)-1]) {
			e.runes = append(e.runes, ' ')
		}
		e.gap = false
		e.runes = append(e.runes, r)
	}
}

// parts reports a sign after which no space is needed: Chinese punctuation.
func parts(r rune) bool { return r >= 0x2000 && unicode.IsPunct(r) }

func (e *excerpt) cut() string {
	end := len(e.runes)
	if end > e.most {
		end = max(0, e.most)
		for end > 0 && e.joined(end) {
			end--
		}
	}
	return strings.TrimSpace(string(e.runes[:end]))
}

// joined reports that the characters on both sides of i make one.
func (e *excerpt) joined(i int) bool {
	if i >= len(e.runes) {
		return false
	}
	const joiner = '\u200d'
	before, after := e.runes[i-1], e.runes[i]
	if flag(before) && flag(after) {
		first := i - 1
		for first > 0 && flag(e.runes[first-1]) {
			first--
		}
		return (i-first)%2 == 1
	}
	return before == joiner || after == joiner || unicode.Is(unicode.M, after) ||
		after >= 0x1f3fb && after <= 0x1f3ff
}

// flag reports one of the letters of which two make a flag.
func flag(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }
