package body

import (
	"slices"
	"strings"
)

// inlines gathers the content of a paragraph in normal form. Spaces wait until
// the next visible character decides what becomes of them.
type inlines struct {
	nodes   []Node
	text    strings.Builder
	marks   []Mark // of text
	last    rune   // the last visible character of the line; 0 at its start
	waiting rune   // the space before the next character; 0 for none, '\n' for a line end
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
		default: // stays for Validate to refuse
			in.flush()
			in.nodes = append(in.nodes, n)
		}
	}
	in.flush()
	return in.nodes
}

func (in *inlines) add(text string, marks []Mark) {
	from := -1 // where the pending stretch of visible characters starts
	for i, r := range text {
		if space(r) {
			if from >= 0 {
				in.text.WriteString(text[from:i])
				from = -1
			}
			in.wait(r)
			continue
		}
		if from < 0 {
			in.settle(r, marks)
			from = i
		}
		in.last = r
	}
	if from >= 0 {
		in.text.WriteString(text[from:])
	}
}

// wait remembers a space; of a run the most telling one stays.
func (in *inlines) wait(r rune) {
	switch {
	case r == ideographicSpace || in.waiting == ideographicSpace:
		in.waiting = ideographicSpace
	case r == '\n' && in.waiting == 0:
		in.waiting = '\n'
	case r != '\n':
		in.waiting = ' '
	}
}

// settle writes what stands between the last visible character and next.
func (in *inlines) settle(next rune, marks []Mark) {
	switch {
	case in.last == 0: // spaces and breaks at the start
	case in.breaks:
		in.flush()
		in.nodes = append(in.nodes, HardBreak())
	case in.waiting == 0, in.waiting == '\n' && wide(in.last) && wide(next):
	case in.waiting == ideographicSpace:
		in.between(ideographicSpace, marks)
	default:
		in.between(' ', marks)
	}
	in.waiting, in.breaks = 0, false
	in.begin(marks)
}

// between writes a space with the marks that both of its neighbours have.
func (in *inlines) between(r rune, marks []Mark) {
	var common []Mark
	for _, m := range in.marks {
		if slices.Contains(marks, m) {
			common = append(common, m)
		}
	}
	in.begin(common)
	in.text.WriteRune(r)
}

// begin makes marks those of the text that follows.
func (in *inlines) begin(marks []Mark) {
	if !slices.Equal(in.marks, marks) {
		in.flush()
		in.marks = marks
	}
}

func (in *inlines) flush() {
	if in.text.Len() > 0 {
		in.nodes = append(in.nodes, Text(in.text.String(), in.marks...))
		in.text.Reset()
	}
}
