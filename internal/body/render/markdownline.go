package render

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/body"
)

// markdownLine is a line of Markdown under construction.
type markdownLine struct {
	strings.Builder
	nodes []body.Node
	also  string             // characters to escape besides the usual
	html  map[body.Mark]bool // open marks that were written as tags
}

var delimiters = map[body.MarkKind]string{
	body.MarkStrong: "**", body.MarkEm: "*", body.MarkStrike: "~~",
}

func markdownInlines(nodes []body.Node, hardBreak, also string) string {
	w := markdownLine{nodes: nodes, also: also, html: map[body.Mark]bool{}}
	var open []body.Mark
	for i, n := range nodes {
		if n.Kind == body.KindHardBreak {
			open = w.turn(i, open, common(open, nextMarks(nodes[i:])))
			if strings.HasSuffix(w.String(), `\`) { // readers differ on a backslash after a backslash
				w.WriteString("<br>")
			} else {
				w.WriteString(hardBreak)
			}
			continue
		}
		open = w.turn(i, open, n.Marks)
		if marked(n, body.MarkCode) {
			w.WriteString(codeSpan(n.Text))
		} else {
			w.text(n.Text, i)
		}
	}
	w.turn(len(nodes), open, nil)
	return w.String()
}

func marked(n body.Node, kind body.MarkKind) bool {
	return slices.ContainsFunc(n.Marks, func(m body.Mark) bool { return m.Kind == kind })
}

// text writes characters; a ! at the end could make an image of a link.
func (w *markdownLine) text(s string, i int) {
	lineStart := w.atStart()
	last := i+1 == len(w.nodes)
	if !last && strings.HasSuffix(s, "!") {
		w.WriteString(escapeMarkdown(s[:len(s)-1], lineStart, w.also) + `\!`)
		return
	}
	w.WriteString(escapeMarkdown(s, lineStart, w.also))
}

func (w *markdownLine) turn(i int, from, to []body.Mark) []body.Mark {
	kept := len(common(from, to))
	for _, m := range slices.Backward(from[kept:]) {
		w.end(m)
	}
	for at := kept; at < len(to); at++ {
		w.begin(i, to, at)
	}
	return to
}

// begin opens the mark to[at] before the node at index i.
func (w *markdownLine) begin(i int, to []body.Mark, at int) {
	m := to[at]
	switch {
	case m.Kind == body.MarkCode:
	case m.Kind == body.MarkLink:
		w.WriteByte('[')
	case w.delimited(i, to, at):
		w.WriteString(delimiters[m.Kind])
	default:
		w.html[m] = true
		w.WriteString("<" + markTags[m.Kind] + ">")
	}
}

func (w *markdownLine) end(m body.Mark) {
	switch {
	case m.Kind == body.MarkCode:
	case m.Kind == body.MarkLink:
		w.WriteString("](" + markdownTarget(m.Href, m.Title) + ")")
	case w.html[m]:
		delete(w.html, m)
		w.WriteString("</" + markTags[m.Kind] + ">")
	default:
		w.WriteString(delimiters[m.Kind])
	}
}

// delimited reports whether the delimiters of a mark are sure to be read as
// such: they touch letters inside or stand at an end, and touch no other delimiter. Markdown's
// own rule would allow more, but hangs on what stands around; Chinese without
// spaces and with “quotes” falls foul of it.
func (w *markdownLine) delimited(i int, to []body.Mark, at int) bool {
	delimiter := delimiters[to[at].Kind]
	if delimiter == "" || len(to) > at+1 || strings.HasSuffix(w.String(), delimiter[:1]) {
		return false
	}
	last := i
	for j := i; j < len(w.nodes); j++ {
		if n := w.nodes[j]; n.Kind == body.KindText {
			if len(common(to[:at+1], n.Marks)) != at+1 {
				break
			}
			last = j
		}
	}
	end := w.nodes[last]
	first, _ := utf8.DecodeRuneInString(w.nodes[i].Text)
	final, _ := utf8.DecodeLastRuneInString(end.Text)
	return len(end.Marks) == at+1 && (wordRune(first) || w.atStart()) && (wordRune(final) || last+1 == len(w.nodes))
}

func (w *markdownLine) atStart() bool { return w.Len() == 0 || strings.HasSuffix(w.String(), "\n") }

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func codeSpan(s string) string {
	fence := strings.Repeat("`", longestRun(s, '`')+1)
	if longestRun(s, '`') == len(s) || s[0] == '`' || s[len(s)-1] == '`' || s[0] == ' ' && s[len(s)-1] == ' ' && strings.Trim(s, " ") != "" {
		s = " " + s + " "
	}
	return fence + s + fence
}

func longestRun(s string, c byte) (longest int) {
	run := 0
	for i := range len(s) {
		if s[i] != c {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// escapeMarkdown escapes what would be read as a sign: some characters
// anywhere, others only at the start of a line.
func escapeMarkdown(s string, lineStart bool, also string) string {
	if lineStart {
		s = escapeStart(s)
	}
	const anywhere = "\\`*_[]<>~|"
	var out strings.Builder
	for i := range len(s) {
		c := s[i]
		if c == startSign {
			out.WriteByte('\\')
			continue
		}
		if i > 0 && s[i-1] == startSign {
			// has its backslash
		} else if strings.IndexByte(anywhere, c) >= 0 || also != "" && strings.IndexByte(also, c) >= 0 {
			out.WriteByte('\\')
		}
		out.WriteByte(c)
	}
	return escapeEntities(out.String())
}

// startSign marks the place of a backslash until the others are written; no
// text in normal form holds it.
const startSign = 0x01

func escapeStart(s string) string {
	if s == "" {
		return s
	}
	if strings.IndexByte("#+-=:", s[0]) >= 0 {
		return string(rune(startSign)) + s
	}
	digits := 0
	for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
		digits++
	}
	if digits > 0 && digits < 10 && digits < len(s) && (s[digits] == '.' || s[digits] == ')') {
		return s[:digits] + string(rune(startSign)) + s[digits:]
	}
	return s
}
