package render

import (
	"strconv"
	"strings"

	"github.com/tonggao/tonggao/internal/body"
)

// Text renders the body as plain text: an empty line between blocks, a line end for a
// hard break, bullets and numbers before items, tabs between cells. Images are replaced
// by their caption or alternative text in brackets.
func Text(d body.Document, options ...Options) string {
	var w textWriter
	w.blocks(first(options).withLabels(d).Content, "\n\n", "")
	for i, n := range w.noteNodes {
		w.WriteString("\n\n" + noteSign(i+1) + " ")
		w.inlines(n.Content, "")
	}
	return w.String()
}

type textWriter struct {
	strings.Builder
	notes     noteList
	noteNodes []body.Node
}

// blocks writes blocks with a separator between them; indent starts every line except the
// first.
func (w *textWriter) blocks(nodes []body.Node, separator, indent string) {
	first := true
	for _, n := range nodes {
		if n.Kind == body.KindImage && n.Caption == "" && n.Alt == "" {
			continue // without text
		}
		if !first {
			w.WriteString(separator)
			w.WriteString(indent)
		}
		first = false
		w.block(n, indent)
	}
}

func (w *textWriter) block(n body.Node, indent string) {
	switch n.Kind {
	case body.KindParagraph, body.KindHeading:
		w.inlines(n.Content, indent)
	case body.KindBulletList, body.KindOrderedList:
		for i, item := range n.Content {
			if i > 0 {
				w.WriteString("\n" + indent)
			}
			bullet, box := marker(item)
			switch {
			case bullet != "":
			case n.Kind == body.KindOrderedList:
				bullet = strconv.Itoa(n.Start+i) + ". "
			default:
				bullet = "• "
			}
			w.WriteString(bullet + box)
			w.blocks(item.Content, "\n", indent+"  ")
		}
	case body.KindBlockquote:
		w.blocks(n.Content, "\n\n", indent)
	case body.KindTable:
		w.table(n, indent)
	case body.KindImage:
		w.WriteString(imageText(n))
	case body.KindGallery:
		w.blocks(n.Content, "\n"+indent, "")
		if n.Caption != "" {
			w.WriteString("\n" + indent + n.Caption)
		}
	case body.KindVideo, body.KindAudio, body.KindFile, body.KindEmbed:
		text, _ := mediaText(n)
		if w.WriteString(text); n.Caption != "" {
			w.WriteString("\n" + indent + n.Caption)
		}
	case body.KindCodeBlock:
		w.WriteString(strings.ReplaceAll(n.Code(), "\n", "\n"+indent))
	case body.KindHorizontalRule:
		w.WriteString("———")
	}
}

func (w *textWriter) inlines(nodes []body.Node, indent string) {
	for _, n := range nodes {
		switch n.Kind {
		case body.KindText:
			w.WriteString(n.Text)
		case body.KindHardBreak:
			w.WriteString("\n" + indent)
		case body.KindRuby:
			w.WriteString(rubyText(n))
		case body.KindInlineImage:
			w.WriteString(n.Alt)
		case body.KindFootnote:
			number, fresh := w.notes.number(noteKey(n))
			if fresh {
				w.noteNodes = append(w.noteNodes, n)
			}
			w.WriteString(noteSign(number))
		}
	}
}

func (w *textWriter) table(n body.Node, indent string) {
	if n.Caption != "" {
		w.WriteString(n.Caption + "\n" + indent)
	}
	for i, row := range n.Content {
		if i > 0 {
			w.WriteString("\n" + indent)
		}
		for j, cell := range row.Content {
			if j > 0 {
				w.WriteByte('\t')
			}
			inner := textWriter{notes: w.notes, noteNodes: w.noteNodes}
			inner.blocks(cell.Content, " ", "")
			w.notes, w.noteNodes = inner.notes, inner.noteNodes
			w.WriteString(strings.NewReplacer("\n", " ", "\t", " ").Replace(inner.String()))
		}
	}
}
