package body

// Kind is the kind of a node, "type" in JSON.
type Kind string

// The kinds of nodes.
const (
	KindParagraph      Kind = "paragraph"
	KindHeading        Kind = "heading"
	KindBulletList     Kind = "bullet_list"
	KindOrderedList    Kind = "ordered_list"
	KindListItem       Kind = "list_item"
	KindBlockquote     Kind = "blockquote"
	KindTable          Kind = "table"
	KindTableRow       Kind = "table_row"
	KindTableHeader    Kind = "table_header"
	KindTableCell      Kind = "table_cell"
	KindImage          Kind = "image"
	KindCodeBlock      Kind = "code_block"
	KindHorizontalRule Kind = "horizontal_rule"
	KindText           Kind = "text"
	KindHardBreak      Kind = "hard_break"
)

// Align is the alignment of a paragraph or heading; empty is the start of the line.
type Align string

// The alignments other than the start.
const (
	AlignCenter Align = "center"
	AlignRight  Align = "right"
)

// Node is one node of the tree. Its Kind decides which of the other fields are used; the
// rest are zero.
type Node struct {
	Kind    Kind
	Content []Node // of everything but text, hard_break, image, horizontal_rule
	Text    string // of text
	Marks   []Mark // of text

	Level            int    // of heading, 1 to 6
	Align            Align  // of paragraph and heading
	Start            int    // of ordered_list
	Colspan, Rowspan int    // of table_header and table_cell, from 1
	Language         string // of code_block, such as "go"
	Src, Alt         string // of image
	Caption          string // of image and table
	Width, Height    int    // of image, in pixels; 0 where unknown
}

// MarkKind is the kind of a mark, "type" in JSON.
type MarkKind string

// The kinds of marks, in the order in which a text carries them.
const (
	MarkLink      MarkKind = "link"
	MarkStrong    MarkKind = "strong"
	MarkEm        MarkKind = "em"
	MarkUnderline MarkKind = "underline"
	MarkStrike    MarkKind = "strike"
	MarkSub       MarkKind = "sub"
	MarkSup       MarkKind = "sup"
	MarkCode      MarkKind = "code"
)

// Mark is a format of a run of text. Marks are comparable.
type Mark struct {
	Kind        MarkKind
	Href, Title string // of link
}

// Strong returns the mark for importance.
func Strong() Mark { return Mark{Kind: MarkStrong} }

// Em returns the mark for emphasis.
func Em() Mark { return Mark{Kind: MarkEm} }

// Underline returns the mark for underlined text.
func Underline() Mark { return Mark{Kind: MarkUnderline} }

// Strike returns the mark for struck text.
func Strike() Mark { return Mark{Kind: MarkStrike} }

// Sub returns the mark for a subscript.
func Sub() Mark { return Mark{Kind: MarkSub} }

// Sup returns the mark for a superscript.
func Sup() Mark { return Mark{Kind: MarkSup} }

// Code returns the mark for code inside a line.
func Code() Mark { return Mark{Kind: MarkCode} }

// Link returns the mark for a link to href; title may be empty.
func Link(href, title string) Mark { return Mark{Kind: MarkLink, Href: href, Title: title} }

// Text returns a run of characters.
func Text(s string, marks ...Mark) Node { return Node{Kind: KindText, Text: s, Marks: marks} }

// HardBreak returns a line break inside of a paragraph.
func HardBreak() Node { return Node{Kind: KindHardBreak} }

// Paragraph returns a paragraph of texts and breaks.
func Paragraph(inlines ...Node) Node { return Node{Kind: KindParagraph, Content: inlines} }

// Heading returns a heading of level 1 to 6.
func Heading(level int, inlines ...Node) Node {
	return Node{Kind: KindHeading, Level: level, Content: inlines}
}

// BulletList returns a list without numbers.
func BulletList(items ...Node) Node { return Node{Kind: KindBulletList, Content: items} }

// OrderedList returns a list numbered from start.
func OrderedList(start int, items ...Node) Node {
	return Node{Kind: KindOrderedList, Start: start, Content: items}
}

// ListItem returns an item of either list.
func ListItem(blocks ...Node) Node { return Node{Kind: KindListItem, Content: blocks} }

// Quote returns a blockquote.
func Quote(blocks ...Node) Node { return Node{Kind: KindBlockquote, Content: blocks} }

// TableOf returns a table of rows.
func TableOf(rows ...Node) Node { return Node{Kind: KindTable, Content: rows} }

// Row returns a row of a table.
func Row(cells ...Node) Node { return Node{Kind: KindTableRow, Content: cells} }

// HeaderCell returns a cell that is the header of its column or row.
func HeaderCell(blocks ...Node) Node {
	return Node{Kind: KindTableHeader, Colspan: 1, Rowspan: 1, Content: blocks}
}

// Cell returns a cell of a table.
func Cell(blocks ...Node) Node {
	return Node{Kind: KindTableCell, Colspan: 1, Rowspan: 1, Content: blocks}
}

// Picture returns an image block; alt may be empty.
func Picture(src, alt string) Node { return Node{Kind: KindImage, Src: src, Alt: alt} }

// CodeBlock returns preformatted text; language may be empty.
func CodeBlock(language, code string) Node {
	return Node{Kind: KindCodeBlock, Language: language, Content: []Node{Text(code)}}
}

// Rule returns a horizontal rule.
func Rule() Node { return Node{Kind: KindHorizontalRule} }

// Code returns the text of a code block.
func (n Node) Code() string {
	if len(n.Content) == 0 {
		return ""
	}
	return n.Content[0].Text
}
