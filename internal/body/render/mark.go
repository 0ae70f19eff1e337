package render

import (
	"slices"

	"github.com/tonggao/tonggao/internal/body"
)

// markTags maps the marks without attributes to elements of HTML.
var markTags = map[body.MarkKind]string{
	body.MarkStrong: "strong", body.MarkEm: "em", body.MarkUnderline: "u", body.MarkStrike: "s",
	body.MarkSub: "sub", body.MarkSup: "sup", body.MarkCode: "code",
}

// inlines writes texts and breaks. Marks that continue from one text to the next stay
// open, so that the HTML has as few elements as possible.
func (w *page) inlines(nodes []body.Node) {
	if w.pending() {
		w.writeMarker()
	}
	var open []body.Mark
	for i, n := range nodes {
		if n.Kind == body.KindHardBreak {
			open = w.switchMarks(open, common(open, nextMarks(nodes[i:])))
			w.raw("<br>")
			continue
		}
		open = w.switchMarks(open, n.Marks)
		switch n.Kind {
		case body.KindText:
			w.b = appendEscaped(w.b, n.Text, false)
		case body.KindRuby:
			w.inlineRuby(n)
		case body.KindInlineImage:
			w.inlineImage(n)
		case body.KindFootnote:
			w.footnote(n)
		}
	}
	w.switchMarks(open, nil)
}

// nextMarks returns the marks of the first node that is not a break.
func nextMarks(nodes []body.Node) []body.Mark {
	for _, n := range nodes {
		if n.Kind != body.KindHardBreak {
			return n.Marks
		}
	}
	return nil
}

// common returns the longest common prefix of two lists of marks.
func common(a, b []body.Mark) []body.Mark {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

// switchMarks writes the tags between texts with the marks from and to, and returns to.
func (w *page) switchMarks(from, to []body.Mark) []body.Mark {
	kept := len(common(from, to))
	for _, m := range slices.Backward(from[kept:]) {
		w.closeMark(m)
	}
	for _, m := range to[kept:] {
		w.openMark(m)
	}
	return to
}

// openMark writes the start tag of a mark.
func (w *page) openMark(m body.Mark) {
	if m.Kind != body.MarkLink {
		w.raw("<", markTags[m.Kind], ">")
		return
	}
	href, ok := w.href(m)
	if !ok {
		return
	}
	w.raw("<a")
	w.attribute("href", href)
	if m.Title != "" && w.profile.titled {
		w.attribute("title", m.Title)
	}
	if w.options.outside(m.Href) {
		w.raw(` rel="nofollow noopener"`)
	}
	w.raw(">")
}

// closeMark writes the end tag of a mark.
func (w *page) closeMark(m body.Mark) {
	if m.Kind == body.MarkLink {
		if _, ok := w.href(m); ok {
			w.raw("</a>")
		}
		return
	}
	w.raw("</", markTags[m.Kind], ">")
}

// href returns the address to write for a link, or false where there is none.
func (w *page) href(m body.Mark) (string, bool) {
	if w.profile.absolute {
		return w.options.absolute(m.Href)
	}
	return m.Href, true
}
