package render

import (
	"slices"
	"strings"
	"unicode"

	"github.com/tonggao/tonggao/internal/body"
)

// Excerpt returns the first n characters of the running text in one line, for lists of
// articles without a lead. Running text is paragraphs, also in quotations; without any,
// it is headings, lists and tables. Paragraphs are separated by a space, unless Chinese
// punctuation separates them. Combined characters, such as accents, emoji and flags, are
// not cut: they are left out as a whole.
func Excerpt(d body.Document, n int) string {
	text := excerptOf(d, n, body.KindHeading, body.KindBulletList, body.KindOrderedList, body.KindTable)
	if text == "" {
		text = excerptOf(d, n)
	}
	return text
}

// excerptOf returns an excerpt of the text outside of code and of the given blocks.
func excerptOf(d body.Document, n int, without ...body.Kind) string {
	e := excerpt{max: n}
	body.Walk(d, func(_ body.Path, node body.Node) bool {
		switch {
		case node.Kind == body.KindText, node.Kind == body.KindRuby:
			e.add(node.Text)
		case node.Kind == body.KindInlineImage:
		case node.Kind == body.KindCodeBlock, node.Kind == body.KindFootnote, slices.Contains(without, node.Kind):
			return false
		default:
			e.gap = true
		}
		return len(e.runes) <= n
	})
	return e.cut()
}

// excerpt is an excerpt under construction.
type excerpt struct {
	runes []rune
	gap   bool // a new line starts
	max   int
}

// add appends text up to one character more than needed.
func (e *excerpt) add(text string) {
	for _, r := range text {
		if len(e.runes) > e.max {
			return // one more than needed, to see whether the cut is clean
		}
		if e.gap && len(e.runes) > 0 && !separates(e.runes[len(e.runes)-1]) {
			e.runes = append(e.runes, ' ')
		}
		e.gap = false
		e.runes = append(e.runes, r)
	}
}

// separates reports whether r is Chinese punctuation, after which no space is needed.
func separates(r rune) bool { return r >= 0x2000 && unicode.IsPunct(r) }

// cut returns the text without a partial character at its end.
func (e *excerpt) cut() string {
	end := len(e.runes)
	if end > e.max {
		end = max(0, e.max)
		for end > 0 && e.joined(end) {
			end--
		}
	}
	return strings.TrimSpace(string(e.runes[:end]))
}

// joined reports whether the runes on both sides of i belong to one character.
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

// flag reports whether r is a regional indicator; two of them are a flag.
func flag(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }
