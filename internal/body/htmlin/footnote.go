package htmlin

import (
	"regexp"
	"strings"

	"github.com/tonggao/tonggao/internal/body"
	"golang.org/x/net/html"
)

// referenceKind is the kind of the mark of a text that links to another place of the page.
// It exists while reading only; resolve replaces it.
const referenceKind body.MarkKind = "reference"

// footnotes are the footnotes of a page. A reference is a link to an element of the page
// whose text is a number or sign; its footnote is the list item or paragraph with a link
// back to the reference.
type footnotes struct {
	target  map[string]string      // of a reference by its id
	signs   map[string]string      // the text of the references by their target
	content map[string][]body.Node // the blocks of a footnote by the target of its references
	current string                 // the target of the footnote in the line
	spent   int                    // the nodes of footnotes in the document so far
}

var sign = regexp.MustCompile(`^[\[(（【〔]?(?:注释?|[Nn]ote)?\s*(?:\d{1,3}|[a-z]{1,2}|[*†‡§]{1,3}|[①-⑳]|[一二三四五六七八九十]{1,3})[\])）】〕]?$`)

// refer handles a link to a place of the page: a link back from a footnote, or perhaps a
// reference to one.
func (b *builder) refer(target string, t html.Token) body.Mark {
	target = decoded(target)
	notes := &b.notesOf
	if of, back := notes.target[target]; back && sign.MatchString(strings.TrimSpace(notes.signs[of])) {
		b.claim(of)
		return body.Mark{Kind: referenceKind} // its text is not shown
	}
	if target == "" || b.state().silent() {
		return body.Mark{}
	}
	if notes.target == nil {
		notes.target, notes.signs, notes.content = map[string]string{}, map[string]string{}, map[string][]body.Node{}
	}
	ids := []string{attr(t, "id"), attr(t, "name")}
	if n := len(b.open); n > 0 {
		ids = append(ids, b.open[n-1].anchor)
	}
	for _, id := range ids {
		if id != "" {
			notes.target[id] = target
		}
	}
	notes.signs[target] = ""
	return body.Mark{Kind: referenceKind, Href: target}
}

// reference handles a text inside of a link to a place of the page. It reports whether the
// text is that of a link back.
func (b *builder) reference(link body.Mark, s string) bool {
	if link.Kind != referenceKind || b.state().silent() {
		return false
	}
	if link.Href != "" && len(b.notesOf.signs[link.Href]) < 40 {
		b.notesOf.signs[link.Href] += s
	}
	return link.Href == ""
}

// claim makes the open list item, or the line, the footnote of a target.
func (b *builder) claim(target string) {
	for i := len(b.frames) - 1; i > 0; i-- {
		switch b.frames[i].node.Kind {
		case body.KindListItem:
			b.frames[i].footnote = target
			return
		case body.KindTableCell, body.KindTableHeader:
			i = 0
		}
	}
	b.notesOf.current = target
}

// flushNote keeps the line as a footnote where it is one.
func (b *builder) flushNote(line []body.Node) bool {
	target := b.notesOf.current
	if b.notesOf.current = ""; target == "" {
		return false
	}
	for _, content := range paragraphs(line) {
		b.define(target, body.Paragraph(content...))
	}
	return true
}

func (b *builder) define(target string, blocks ...body.Node) {
	b.notesOf.content[target] = append(b.notesOf.content[target], blocks...)
}

// maxFootnotes bounds the nodes of all footnotes, whose text is repeated where they are
// referred to more than once.
const maxFootnotes = body.MaxNodes / 2

// resolve replaces the references in blocks by their footnotes.
func (b *builder) resolve(blocks []body.Node) []body.Node {
	if b.notesOf.target == nil {
		return blocks
	}
	for i := range blocks {
		switch n := &blocks[i]; n.Kind {
		case body.KindParagraph, body.KindHeading:
			n.Content = b.resolveLine(n.Content, 0)
		default:
			n.Content = b.resolve(n.Content)
		}
	}
	return blocks
}

// resolveLine replaces the references in a line; inside of depth footnotes, by the text in
// parentheses.
func (b *builder) resolveLine(line []body.Node, depth int) []body.Node {
	out := make([]body.Node, 0, len(line))
	last := "" // the target of the text before
	for _, n := range line {
		at := len(n.Marks)
		for i, m := range n.Marks {
			if m.Kind == referenceKind {
				at = i
			}
		}
		if at == len(n.Marks) {
			last = ""
			out = append(out, n)
			continue
		}
		target := n.Marks[at].Href
		n.Marks = append(n.Marks[:at:at], n.Marks[at+1:]...)
		content, known := b.notesOf.content[target]
		switch {
		case !known || depth > 2 || b.notesOf.spent > maxFootnotes:
			out = append(out, n)
		case target == last: // the footnote is in place of all of the reference
		case depth > 0:
			out = append(append(append(out, body.Text("（")), b.resolveLine(b.lineOf(content), depth+1)...), body.Text("）"))
		default:
			out = append(out, body.Footnote(b.resolveLine(b.lineOf(content), depth+1)...))
		}
		if last = ""; known {
			last = target
		}
	}
	return out
}

// lineOf returns blocks as one line with breaks between them.
func (b *builder) lineOf(blocks []body.Node) []body.Node {
	var line []body.Node
	add := func(nodes ...body.Node) {
		if len(line) > 0 {
			line = append(line, body.HardBreak())
		}
		line = append(line, nodes...)
		b.notesOf.spent += len(nodes)
	}
	for _, n := range blocks {
		switch n.Kind {
		case body.KindParagraph, body.KindHeading:
			add(n.Content...)
		case body.KindImage:
			add(body.InlineImage(n.Src, n.Alt))
			if n.Caption != "" {
				add(body.Text(n.Caption))
			}
		case body.KindCodeBlock:
			add(body.Text(n.Code(), body.Code()))
		case body.KindVideo, body.KindAudio, body.KindFile, body.KindEmbed:
			add(body.Text(mediaName(n), body.Link(n.Src, "")))
		case body.KindText:
			add(n)
		default:
			if n.Caption != "" {
				add(body.Text(n.Caption))
			}
			if n.Label != "" {
				add(body.Text(n.Label))
			}
			if inner := b.lineOf(n.Content); len(inner) > 0 {
				add(inner...)
			}
		}
	}
	return line
}

// mediaName returns the name of a player or file, or else its address.
func mediaName(n body.Node) string {
	if name := strings.TrimSpace(n.Alt + " " + n.Caption); name != "" {
		return name
	}
	return n.Src
}
