// Package body defines the document of an article: one tree from which the form of every
// terminal is rendered.
//
// The grammar, version 2 (docs/body.md says the same at length):
//
//	doc          = block*
//	block        = paragraph | heading | bullet_list | ordered_list | blockquote
//	             | table | image | gallery | player | code_block | horizontal_rule
//	paragraph    = inline+                     align? dir?
//	heading      = inline+                     level 1..6, align? dir?
//	bullet_list  = list_item+
//	ordered_list = list_item+                  start? (1)
//	list_item    = block+                      label? checked?
//	blockquote   = block+
//	table        = table_row+                  caption?
//	table_row    = (table_header | table_cell)+    one of them not empty
//	table_header = block*                      colspan? rowspan? (1)
//	table_cell   = block*                      colspan? rowspan? (1)
//	image        = ()                          src, alt? caption? (width height)?
//	gallery      = image image+                caption?
//	player       = video | audio | file | embed
//	video, embed = ()                          src, alt? caption? poster? (width height)?
//	audio        = ()                          src, alt? caption?
//	file         = ()                          src, alt?
//	code_block   = text                        language?
//	inline       = text | ruby | inline_image | footnote | hard_break
//	text         = characters                  marks?
//	ruby         = characters                  alt, marks?
//	inline_image = ()                          src, alt? (width height)?, marks?
//	footnote     = (text | ruby | inline_image | hard_break)+
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

// Version is the version of the grammar. A document contains the lowest version that has
// everything in it, so that documents of version 1 keep their bytes and their hashes.
const Version = 2

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

// version returns the lowest version of the grammar that has all nodes.
func version(nodes []Node) int {
	for _, n := range nodes {
		if n.Dir != "" || n.Label != "" || n.Box != NoBox || sinceVersion2[n.Kind] || version(n.Content) > 1 {
			return 2
		}
	}
	return 1
}

var sinceVersion2 = map[Kind]bool{KindGallery: true, KindVideo: true, KindAudio: true, KindFile: true,
	KindEmbed: true, KindRuby: true, KindInlineImage: true, KindFootnote: true}

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
		if n.Kind == KindImage || n.Kind == KindInlineImage {
			nodes[i] = change(n)
		} else {
			nodes[i].Content = withImages(n.Content, change)
		}
	}
	return nodes
}

// WithAddresses returns d with the addresses of its images, players and links as change returns them.
func (d Document) WithAddresses(change func(string) string) Document {
	return Document{Content: withAddresses(d.Content, change)}.Normal()
}

func withAddresses(nodes []Node, change func(string) string) []Node {
	nodes = slices.Clone(nodes)
	for i := range nodes {
		n := &nodes[i]
		n.Content, n.Marks = withAddresses(n.Content, change), slices.Clone(n.Marks)
		if n.Src != "" {
			n.Src = change(n.Src)
		}
		if n.Poster != "" {
			n.Poster = change(n.Poster)
		}
		for j, m := range n.Marks {
			if m.Kind == MarkLink {
				n.Marks[j].Href = change(m.Href)
			}
		}
	}
	return nodes
}

// Media returns the videos and sounds in reading order.
func (d Document) Media() []Node {
	var media []Node
	Walk(d, func(_ Path, n Node) bool {
		if n.Kind == KindVideo || n.Kind == KindAudio {
			media = append(media, n)
		}
		return true
	})
	return media
}

// Images returns the images in reading order, also those in lines and the posters of players.
func (d Document) Images() []Node {
	var images []Node
	Walk(d, func(_ Path, n Node) bool {
		if n.Kind == KindImage || n.Kind == KindInlineImage {
			images = append(images, n)
		}
		if n.Poster != "" {
			images = append(images, Picture(n.Poster, n.Alt))
		}
		return true
	})
	return images
}
