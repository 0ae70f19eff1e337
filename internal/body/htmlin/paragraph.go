package htmlin

import (
	"strings"
	"unicode"

	"github.com/tonggao/tonggao/internal/body"
)

// paragraphs splits a line where old editors mean a new paragraph: at two breaks with
// nothing between them, and at a break before an indented text.
func paragraphs(line []body.Node) [][]body.Node {
	var out [][]body.Node
	var current []body.Node
	breaks, shown := 0, false
	next := func() {
		if shown {
			out = append(out, current)
		}
		current, shown = nil, false
	}
	for _, n := range line {
		if n.Kind == body.KindHardBreak {
			breaks++
			current = append(current, n)
			continue
		}
		empty := blank(n.Text)
		if breaks >= 2 && !empty || breaks == 1 && indented(n.Text) {
			next()
		}
		if !empty {
			breaks, shown = 0, true
		}
		current = append(current, n)
	}
	next()
	return out
}

// blank reports whether s has only spaces.
func blank(s string) bool {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' }) == ""
}

// indented reports whether s starts with two or more of the spaces that are typed as an
// indent.
func indented(s string) bool {
	count := 0
	for _, r := range s {
		switch {
		case r == '\u3000', r == '\u00a0', r == '\u2003':
			count++
		case !unicode.IsSpace(r):
			return count >= 2
		}
	}
	return count >= 2
}
