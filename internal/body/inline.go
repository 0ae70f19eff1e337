package body

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// inlines builds the content of a paragraph in normal form. A space is pending until the
// next visible character decides whether it is kept.
type inlines struct {
	nodes   []Node
	text    strings.Builder
	marks   []Mark // of text
	last    rune   // the last visible character of the line; 0 at its start
	pending rune   // the space before the next character; 0 for none, '\n' for a line end
	breaks  bool   // a hard break before the next character
}

func normalInlines(nodes []Node) []Node {
	var in inlines
	for _, n := range nodes {
		switch n.Kind {
		case KindText:
			in.add(visible(n.Text), normalMarks(n.Marks))
		case KindHardBreak:
			in.breaks = true
		case KindRuby:
			in.ruby(n)
		case KindInlineImage:
			n.Marks = normalMarks(onlyMarks(n.Marks, MarkLink))
			in.leaf(normalPicture(n), leaf, leaf)
		case KindFootnote:
			if n.Content = normalInlines(n.Content); len(n.Content) > 0 {
				in.leaf(n, leaf, leaf)
			}
		default: // left for Validate to refuse
			in.flush()
			in.nodes = append(in.nodes, n)
		}
	}
	in.flush()
	return in.nodes
}

// onlyMarks returns the marks of the given kinds.
func onlyMarks(marks []Mark, kinds ...MarkKind) []Mark {
	return slices.DeleteFunc(slices.Clone(marks), func(m Mark) bool { return !slices.Contains(kinds, m.Kind) })
}

// leaf is the character that a picture or footnote counts as.
const leaf = '\ufffc'

// leaf appends a node that starts and ends with the given characters.
func (in *inlines) leaf(n Node, first, last rune) {
	in.separate(first, n.Marks)
	in.flush()
	in.nodes = append(in.nodes, n)
	in.last = last
}

// ruby appends a text with an annotation; one without either is a text.
func (in *inlines) ruby(n Node) {
	n.Text, n.Alt, n.Marks = line(n.Text), line(n.Alt), normalMarks(onlyMarks(n.Marks, MarkLink, MarkStrong, MarkEm, MarkUnderline, MarkStrike))
	if n.Text == "" || n.Alt == "" {
		in.add(n.Text+n.Alt, n.Marks)
		return
	}
	first, _ := utf8.DecodeRuneInString(n.Text)
	last, _ := utf8.DecodeLastRuneInString(n.Text)
	in.leaf(n, first, last)
}

// add appends a text.
func (in *inlines) add(text string, marks []Mark) {
	from := -1 // where the current stretch of visible characters starts
	for i, r := range text {
		if space(r) {
			if from >= 0 {
				in.text.WriteString(text[from:i])
				from = -1
			}
			in.space(r)
			continue
		}
		if from < 0 {
			in.separate(r, marks)
			from = i
		}
		in.last = r
	}
	if from >= 0 {
		in.text.WriteString(text[from:])
	}
}

// space records a space; of a run the widest one is kept.
func (in *inlines) space(r rune) {
	switch {
	case r == ideographicSpace || in.pending == ideographicSpace:
		in.pending = ideographicSpace
	case r == '\n' && in.pending == 0:
		in.pending = '\n'
	case r != '\n':
		in.pending = ' '
	}
}

// separate writes the space or break between the last visible character and next.
func (in *inlines) separate(next rune, marks []Mark) {
	switch {
	case in.last == 0: // spaces and breaks at the start
	case in.breaks:
		in.flush()
		in.nodes = append(in.nodes, HardBreak())
	case in.pending == 0, in.pending == '\n' && Wide(in.last) && Wide(next):
	case in.pending == ideographicSpace:
		in.writeSpace(ideographicSpace, marks)
	default:
		in.writeSpace(' ', marks)
	}
	in.pending, in.breaks = 0, false
	in.setMarks(marks)
}

// writeSpace writes a space with the marks that both of its neighbours have.
func (in *inlines) writeSpace(r rune, marks []Mark) {
	var common []Mark
	for _, m := range in.marks {
		if slices.Contains(marks, m) {
			common = append(common, m)
		}
	}
	in.setMarks(common)
	in.text.WriteRune(r)
}

// setMarks sets the marks of the text that follows.
func (in *inlines) setMarks(marks []Mark) {
	if !slices.Equal(in.marks, marks) {
		in.flush()
		in.marks = marks
	}
}

// flush appends the text so far as a node.
func (in *inlines) flush() {
	if in.text.Len() > 0 {
		in.nodes = append(in.nodes, Text(in.text.String(), in.marks...))
		in.text.Reset()
	}
}
