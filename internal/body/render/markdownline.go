package render

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/body"
)

// markdownLine is a line of Markdown under construction.
type markdownLine struct {
	strings.Builder
	of    *markdown
	nodes []body.Node
	also  string             // further characters to escape
	html  map[body.Mark]bool // open marks that were written as tags
}

var delimiters = map[body.MarkKind]string{
	body.MarkStrong: "**", body.MarkEm: "*", body.MarkStrike: "~~",
}

// inlines renders the content of a line.
func (m *markdown) inlines(nodes []body.Node, hardBreak, also string) string {
	w := markdownLine{of: m, nodes: nodes, also: also, html: map[body.Mark]bool{}}
	var open []body.Mark
	for i, n := range nodes {
		if n.Kind == body.KindHardBreak {
			open = w.switchMarks(i, open, common(open, nextMarks(nodes[i:])))
			if strings.HasSuffix(w.String(), `\`) { // parsers differ on a backslash after a backslash
				w.WriteString("<br>")
			} else {
				w.WriteString(hardBreak)
			}
			continue
		}
		open = w.switchMarks(i, open, n.Marks)
		switch {
		case n.Kind != body.KindText:
			w.WriteString(m.inline(n))
		case marked(n, body.MarkCode):
			w.WriteString(codeSpan(n.Text))
		default:
			w.text(n.Text, i)
		}
	}
	w.switchMarks(len(nodes), open, nil)
	return w.String()
}

// inline writes an inline that is not a text.
func (m *markdown) inline(n body.Node) string {
	switch n.Kind {
	case body.KindRuby:
		return "<ruby>" + escapeMarkdown(n.Text, false, "#!") + "<rt>" + escapeMarkdown(n.Alt, false, "#!") + "</rt></ruby>"
	case body.KindFootnote:
		number, fresh := m.notes.number(noteKey(n))
		if fresh {
			m.noteNodes = append(m.noteNodes, n)
		}
		return "[^" + strconv.Itoa(number) + "]"
	}
	w := page{profile: m.html.profile}
	w.inlineImage(n)
	return strings.ReplaceAll(string(w.b), "|", "&#124;")
}

// marked reports whether n has a mark of the kind.
func marked(n body.Node, kind body.MarkKind) bool {
	return slices.ContainsFunc(n.Marks, func(m body.Mark) bool { return m.Kind == kind })
}

// text writes characters; a ! at the end could turn a link into an image.
func (w *markdownLine) text(s string, i int) {
	lineStart := w.atStart()
	last := i+1 == len(w.nodes)
	if !last && strings.HasSuffix(s, "!") {
		w.WriteString(escapeMarkdown(s[:len(s)-1], lineStart, w.also) + `\!`)
		return
	}
	w.WriteString(escapeMarkdown(s, lineStart, w.also))
}

// switchMarks writes the delimiters between texts with the marks from and to, and returns
// to; i is the index of the next node.
func (w *markdownLine) switchMarks(i int, from, to []body.Mark) []body.Mark {
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

// end closes a mark.
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

// delimited reports whether the delimiters of a mark are certain to be parsed as such:
// they are next to letters inside or at an end of the line, and not next to another
// delimiter. The rule of Markdown allows more but depends on the surrounding characters,
// and fails in Chinese without spaces and with “quotes”.
func (w *markdownLine) delimited(i int, to []body.Mark, at int) bool {
	delimiter := delimiters[to[at].Kind]
	if delimiter == "" || len(to) > at+1 || strings.HasSuffix(w.String(), delimiter[:1]) {
		return false
	}
	last := i
	for j := i; j < len(w.nodes); j++ {
		if n := w.nodes[j]; n.Kind != body.KindHardBreak {
			if len(common(to[:at+1], n.Marks)) != at+1 {
				break
			}
			last = j
		}
	}
	end := w.nodes[last]
	if w.nodes[i].Kind != body.KindText || end.Kind != body.KindText {
		return false
	}
	first, _ := utf8.DecodeRuneInString(w.nodes[i].Text)
	final, _ := utf8.DecodeLastRuneInString(end.Text)
	return len(end.Marks) == at+1 && (wordRune(first) || w.atStart()) && (wordRune(final) || last+1 == len(w.nodes))
}

// atStart reports whether the line is empty so far.
func (w *markdownLine) atStart() bool { return w.Len() == 0 || strings.HasSuffix(w.String(), "\n") }

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// codeSpan returns s as inline code.
func codeSpan(s string) string {
	fence := strings.Repeat("`", longestRun(s, '`')+1)
	if longestRun(s, '`') == len(s) || s[0] == '`' || s[len(s)-1] == '`' || s[0] == ' ' && s[len(s)-1] == ' ' && strings.Trim(s, " ") != "" {
		s = " " + s + " "
	}
	return fence + s + fence
}

// longestRun returns the length of the longest run of c in s.
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

// escapeMarkdown escapes syntax: some characters anywhere, others only at the start of a
// line.
func escapeMarkdown(s string, lineStart bool, also string) string {
	if lineStart {
		s = escapeStart(s)
	}
	const anywhere = "\\`*_[]<>~|"
	var out strings.Builder
	for i := range len(s) {
		c := s[i]
		if c == pendingBackslash {
			out.WriteByte('\\')
			continue
		}
		if i > 0 && s[i-1] == pendingBackslash {
			// has its backslash
		} else if strings.IndexByte(anywhere, c) >= 0 || also != "" && strings.IndexByte(also, c) >= 0 {
			out.WriteByte('\\')
		}
		out.WriteByte(c)
	}
	return escapeEntities(out.String())
}

// pendingBackslash is replaced by a backslash after the other escapes; no text in normal
// form contains it.
const pendingBackslash = 0x01

// escapeStart escapes syntax at the start of a line.
func escapeStart(s string) string {
	if s == "" {
		return s
	}
	if strings.IndexByte("#+-=:", s[0]) >= 0 {
		return string(rune(pendingBackslash)) + s
	}
	digits := 0
	for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
		digits++
	}
	if digits > 0 && digits < 10 && digits < len(s) && (s[digits] == '.' || s[digits] == ')') {
		return s[:digits] + string(rune(pendingBackslash)) + s[digits:]
	}
	return s
}
