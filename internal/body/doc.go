// Package body defines the document of an article: one tree from which the form of every
// terminal is rendered.
//
// The grammar, version 1 (docs/body.md says the same at length):
//
//	doc          = block*
//	block        = paragraph | heading | bullet_list | ordered_list | blockquote
//	             | table | image | code_block | horizontal_rule
//	paragraph    = inline+                     align?
//	heading      = inline+                     level 1..6, align?
//	bullet_list  = list_item+
//	ordered_list = list_item+                  start? (1)
//	list_item    = block+
//	blockquote   = block+
//	table        = table_row+                  caption?
//	table_row    = (table_header | table_cell)+    one of them not empty
//	table_header = block*                      colspan? rowspan? (1)
//	table_cell   = block*                      colspan? rowspan? (1)
//	image        = ()                          src, alt? caption? (width height)?
//	code_block   = text                        language?
//	inline       = text | hard_break
//	text         = characters                  marks?
//	mark         = link(href, title?) | strong | em | underline | strike | sub | sup | code
//
// Tables are not nested. Everything that is not in the grammar is refused: unknown types,
// attributes and marks, addresses that SafeURL refuses, trees beyond the limits below.
//
// A valid document is in normal form (see Normal), so that equal content has equal bytes
// and Hash identifies the content that a reader sees. The package does not read HTML or
// Markdown (htmlin, mdin) and does not render (render).
package body

import "slices"

// Version is the version of the grammar. Every document contains it.
const Version = 1

// The limits of one document.
const (
	MaxBytes = 2 << 20 // of JSON
	MaxNodes = 50_000
	MaxDepth = 24 // nodes from a top-level block to the text in it, inclusive
)

// Document is the root of the tree. The zero value is the empty document.
// Documents are immutable values; they may share nodes.
type Document struct {
	Content []Node
}

// Doc returns the document of blocks in normal form.
func Doc(blocks ...Node) Document { return Document{Content: blocks}.Normal() }

// Empty reports whether the document has no content.
func (d Document) Empty() bool { return len(d.Content) == 0 }

// WithImages returns a copy of d in which change has replaced every image.
func (d Document) WithImages(change func(Node) Node) Document {
	return Document{Content: withImages(d.Content, change)}
}

func withImages(nodes []Node, change func(Node) Node) []Node {
	nodes = slices.Clone(nodes)
	for i, n := range nodes {
		if n.Kind == KindImage {
			nodes[i] = change(n)
		} else {
			nodes[i].Content = withImages(n.Content, change)
		}
	}
	return nodes
}

// WithAddresses returns d with the addresses of its images and links as change returns them.
func (d Document) WithAddresses(change func(string) string) Document {
	return Document{Content: withAddresses(d.Content, change)}.Normal()
}

func withAddresses(nodes []Node, change func(string) string) []Node {
	nodes = slices.Clone(nodes)
	for i := range nodes {
		n := &nodes[i]
		n.Content, n.Marks = withAddresses(n.Content, change), slices.Clone(n.Marks)
		if n.Kind == KindImage {
			n.Src = change(n.Src)
		}
		for j, m := range n.Marks {
			if m.Kind == MarkLink {
				n.Marks[j].Href = change(m.Href)
			}
		}
	}
	return nodes
}

// Images returns the images in reading order.
func (d Document) Images() []Node {
	var images []Node
	Walk(d, func(_ Path, n Node) bool {
		if n.Kind == KindImage {
			images = append(images, n)
		}
		return true
	})
	return images
}
