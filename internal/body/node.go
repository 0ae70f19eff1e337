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

	// Since version 2.
	KindGallery     Kind = "gallery"
	KindVideo       Kind = "video"
	KindAudio       Kind = "audio"
	KindFile        Kind = "file"
	KindEmbed       Kind = "embed"
	KindRuby        Kind = "ruby"
	KindInlineImage Kind = "inline_image"
	KindFootnote    Kind = "footnote"
)

// Align is the alignment of a paragraph or heading; empty is the start of the line.
type Align string

// The alignments other than the start.
const (
	AlignCenter Align = "center"
	AlignRight  Align = "right"
)

// Direction is the direction of a paragraph or heading; empty is left to right.
type Direction string

// RightToLeft is the direction of Arabic, Uyghur and Hebrew.
const RightToLeft Direction = "rtl"

// Check is the box of a list item.
type Check uint8

// The boxes.
const (
	NoBox Check = iota
	Unchecked
	Checked
)

// Node is one node of the tree. Its Kind decides which of the other fields are used; the
// rest are zero.
type Node struct {
	Kind    Kind
	Content []Node // of everything but text, hard_break, horizontal_rule, pictures and players
	Text    string // of text and ruby
	Marks   []Mark // of text, ruby and inline_image

	Level            int   // of heading, 1 to 6
	Align            Align // of paragraph and heading
	Dir              Direction
	Start            int    // of ordered_list
	Colspan, Rowspan int    // of table_header and table_cell, from 1
	Language         string // of code_block, such as "go"
	Src              string // of pictures, players and files
	Alt              string // of pictures; the name of a player or file, the annotation of ruby
	Poster           string // of video and embed: a picture of it
	Caption          string // of image, gallery, table and players
	Width, Height    int    // of pictures and players, in pixels; 0 where unknown
	Label            string // of list_item: the marker as printed
	Box              Check  // of list_item
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

// Gallery returns a group of images.
func Gallery(images ...Node) Node { return Node{Kind: KindGallery, Content: images} }

// Media returns a video, audio, file or embed with a name, which may be empty.
func Media(kind Kind, src, name string) Node { return Node{Kind: kind, Src: src, Alt: name} }

// Ruby returns a text with an annotation, such as its pronunciation.
func Ruby(text, annotation string, marks ...Mark) Node {
	return Node{Kind: KindRuby, Text: text, Alt: annotation, Marks: marks}
}

// InlineImage returns a picture inside of a line; alt may be empty.
func InlineImage(src, alt string, marks ...Mark) Node {
	return Node{Kind: KindInlineImage, Src: src, Alt: alt, Marks: marks}
}

// Footnote returns the place of a footnote, with its text.
func Footnote(inlines ...Node) Node { return Node{Kind: KindFootnote, Content: inlines} }

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
