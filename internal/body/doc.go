// Package body is the article's document: one tree that every terminal's form
// is rendered from.
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
// A table never stands inside a table. The package refuses everything that the
// grammar does not name: unknown types, attributes and marks, addresses that
// SafeURL refuses, trees beyond the limits below.
//
// Key invariant: a valid document is in normal form (see Normal), so equal
// content has equal bytes, and Hash identifies what a reader sees.
package body

import "slices"

// Version is the version of the grammar, written into every document.
const Version = 1

// The limits of one document.
const (
	MaxBytes = 2 << 20 // of JSON
	MaxNodes = 50_000
	MaxDepth = 24 // nodes from a top-level block to the text in it, both counted
)

// Document is the root of the tree. The zero value is the empty document.
// Documents are values that are never changed once made: their nodes may be shared.
type Document struct {
	Content []Node
}

// Doc makes a document in normal form out of blocks.
func Doc(blocks ...Node) Document { return Document{Content: blocks}.Normal() }

// Empty reports whether there is nothing to show.
func (d Document) Empty() bool { return len(d.Content) == 0 }

// WithImages is d with every image as change makes it; d stays as it is.
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

// Images lists the images in reading order.
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
