package render

import (
	"slices"

	"github.com/tonggao/tonggao/internal/body"
)

var markTags = map[body.MarkKind]string{
	body.MarkStrong: "strong", body.MarkEm: "em", body.MarkUnderline: "u", body.MarkStrike: "s",
	body.MarkSub: "sub", body.MarkSup: "sup", body.MarkCode: "code",
}

// inlines writes texts and breaks. Marks that go on from one text to the next
// stay open, so the HTML nests as little as it can.
func (w *page) inlines(nodes []body.Node) {
	var open []body.Mark
	for i, n := range nodes {
		switch n.Kind {
		case body.KindHardBreak:
			open = w.turn(open, common(open, nextMarks(nodes[i:])))
			w.raw("<br>")
		case body.KindText:
			open = w.turn(open, n.Marks)
			w.b = appendEscaped(w.b, n.Text, false)
		}
	}
	w.turn(open, nil)
}

// nextMarks are the marks of the first text in nodes.
func nextMarks(nodes []body.Node) []body.Mark {
	for _, n := range nodes {
		if n.Kind == body.KindText {
			return n.Marks
		}
	}
	return nil
}

// common is what two lists of marks start with alike.
func common(a, b []body.Mark) []body.Mark {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

// turn closes and opens tags on the way from one list of marks to another.
func (w *page) turn(from, to []body.Mark) []body.Mark {
	kept := len(common(from, to))
	for _, m := range slices.Backward(from[kept:]) {
		w.closeMark(m)
	}
	for _, m := range to[kept:] {
		w.openMark(m)
	}
	return to
}

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

func (w *page) closeMark(m body.Mark) {
	if m.Kind == body.MarkLink {
		if _, ok := w.href(m); ok {
			w.raw("</a>")
		}
		return
	}
	w.raw("</", markTags[m.Kind], ">")
}

// href is the address to write for a link; false where there is none.
func (w *page) href(m body.Mark) (string, bool) {
	if w.profile.absolute {
		return w.options.absolute(m.Href)
	}
	return m.Href, true
}
