package htmlin

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"github.com/tonggao/tonggao/internal/body"
)

// maxFrames bounds the nesting of blocks while reading; layout tables are removed later.
const maxFrames = 64

// captionKind is the kind of a frame that collects a caption. It is not the kind of a node.
const captionKind body.Kind = "caption"

// frame is a block under construction that contains other blocks. The outermost one has
// no kind.
type frame struct {
	node   body.Node // kind and attributes
	blocks []body.Node
	header bool // of a table: the cells of this section are headers
	data   bool // of a table: declared by its role as a data table

	list     numbering // of a list
	footnote string    // of a list item: the target of the footnote that it is
}

func (b *builder) top() *frame { return b.frames[len(b.frames)-1] }

func (b *builder) pushFrame(n body.Node) bool {
	if len(b.frames) > maxFrames {
		return false
	}
	b.frames = append(b.frames, &frame{node: n})
	return true
}

// openFrame opens the block for the content of an element. It reports false where the
// element has no such block, or not at this place.
func (b *builder) openFrame(t html.Token, c class, e effect) bool {
	top := b.top().node.Kind
	switch c {
	case list:
		return b.openList(t, e)
	case item:
		if top != body.KindBulletList && top != body.KindOrderedList {
			return false
		}
		n := body.ListItem()
		n.Start = 1 + number(attr(t, "value"), 0, maxNumber, -1)
		return b.pushFrame(n)
	case quote:
		return b.pushFrame(body.Quote())
	case table:
		opened := b.pushFrame(body.TableOf())
		b.top().data = opened && attr(t, "role") == "table"
		return opened
	case section:
		if top == body.KindTable {
			b.top().header = t.Data == "thead"
		}
	case row:
		return top == body.KindTable && b.pushFrame(body.Row())
	case cell:
		return b.openCell(t)
	case caption:
		return b.pushFrame(body.Node{Kind: captionKind})
	}
	return false
}

// maxNumber is the largest number of an item.
const maxNumber = 99_999_999

// openList opens a list: numbered where it prints numbers.
func (b *builder) openList(t html.Token, e effect) bool {
	l := numbering{style: e.list, reversed: has(t, "reversed"), given: has(t, "start"), start: number(attr(t, "start"), 0, maxNumber, 1)}
	if name, old := typesOf[attr(t, "type")]; old && l.style == "" {
		l.style = name
	}
	numbered := t.Data == "ol"
	for word := range strings.FieldsSeq(l.style) {
		if systems[word] != nil || word == "decimal" {
			l.style, numbered = word, true
		}
		if word == "none" || word == "disc" || word == "circle" || word == "square" {
			numbered = false
		}
	}
	n := body.BulletList()
	if numbered {
		n = body.OrderedList(l.start)
	}
	if !b.pushFrame(n) {
		return false
	}
	b.top().list = l
	return true
}

func (b *builder) openCell(t html.Token) bool {
	if b.top().node.Kind == body.KindTable && len(b.open) < maxOpen && b.pushFrame(body.Row()) {
		b.open = append(b.open, element{name: "tr", class: row, framed: true, state: b.state()})
	}
	if b.top().node.Kind != body.KindTableRow {
		return false
	}
	n := body.Cell()
	if t.Data == "th" || b.frames[len(b.frames)-2].header {
		n = body.HeaderCell()
	}
	n.Colspan = number(attr(t, "colspan"), 1, maxColumns, 1)
	n.Rowspan = number(attr(t, "rowspan"), 1, 1000, 1)
	return b.pushFrame(n)
}

// number reads an integer of at least least, capped at most, or returns other.
func number(s string, least, most, other int) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < least {
		return other
	}
	return min(n, most)
}

// append adds a block to the innermost frame that allows it: a block in a list outside of
// its items goes to the item before, a block in a table outside of its cells in front of
// the table.
func (b *builder) append(n body.Node) {
	b.pieces++
	at := len(b.frames) - 1
	for ; at > 0; at-- {
		kind := b.frames[at].node.Kind
		if kind == body.KindTable && n.Kind != body.KindTableRow ||
			kind == body.KindTableRow && n.Kind != body.KindTableCell && n.Kind != body.KindTableHeader {
			continue
		}
		break
	}
	f := b.frames[at]
	if kind := f.node.Kind; (kind == body.KindBulletList || kind == body.KindOrderedList) && n.Kind != body.KindListItem {
		f.appendToItem(n)
		return
	}
	f.blocks = append(f.blocks, n)
}

func (f *frame) appendToItem(n body.Node) {
	if len(f.blocks) == 0 {
		f.blocks = append(f.blocks, body.ListItem())
	}
	if n.Kind == wordItemKind {
		n = n.Content[0]
	}
	last := &f.blocks[len(f.blocks)-1]
	last.Content = append(last.Content, n)
}

// closeFrame removes the top frame and appends its node to the one below.
func (b *builder) closeFrame() {
	f := b.top()
	b.frames = b.frames[:len(b.frames)-1]
	if f.node.Kind == captionKind {
		b.caption(f)
		return
	}
	n := f.node
	n.Content = f.finish()
	if f.footnote != "" {
		b.define(f.footnote, n.Content...)
		return
	}
	if n.Kind == body.KindOrderedList || n.Kind == body.KindBulletList {
		n = f.list.finish(n)
	}
	if n.Kind != body.KindTable {
		b.append(n)
		return
	}
	for _, block := range tableOrBlocks(n, f.data) {
		b.append(block)
	}
}

// caption sets the caption of the enclosing figure or table; elsewhere the text stays a
// block.
func (b *builder) caption(f *frame) {
	text := plain(f.blocks)
	for i := len(b.open) - 1; i >= 0; i-- {
		switch b.open[i].class {
		case figure:
			b.open[i].note = strings.TrimSpace(b.open[i].note + " " + text)
			return
		case table:
			if b.top().node.Kind == body.KindTable {
				b.top().node.Caption = text
				return
			}
			i = 0
		case cell, item:
			i = 0
		}
	}
	for _, n := range f.finish() {
		b.append(n)
	}
}

// closeFigure makes the images of a figure a gallery, and sets the caption of that or of
// the last image, player or table.
func (b *builder) closeFigure(e element) {
	if b.state().silent() {
		return
	}
	top := b.top()
	if e.from > len(top.blocks) {
		return
	}
	if images := imagesIn(top.blocks[e.from:]); len(images) > 1 {
		gallery := body.Gallery(images...)
		gallery.Caption = e.note
		top.blocks = append(top.blocks[:e.from:e.from], gallery)
		return
	}
	if e.note == "" {
		return
	}
	blocks := top.blocks
	for i := len(blocks) - 1; i >= e.from; i-- {
		if captionable[blocks[i].Kind] && blocks[i].Caption == "" {
			blocks[i].Caption = e.note
			return
		}
	}
	b.append(body.Paragraph(body.Text(e.note)))
}

var captionable = map[body.Kind]bool{body.KindImage: true, body.KindTable: true, body.KindGallery: true,
	body.KindVideo: true, body.KindAudio: true, body.KindEmbed: true}

// imagesIn returns the images of blocks, also those in lists, or nil where the blocks have
// anything else.
func imagesIn(blocks []body.Node) []body.Node {
	var images []body.Node
	for _, n := range blocks {
		switch n.Kind {
		case body.KindImage:
			images = append(images, n)
		case body.KindBulletList, body.KindListItem:
			inner := imagesIn(n.Content)
			if inner == nil && len(n.Content) > 0 {
				return nil
			}
			images = append(images, inner...)
		default:
			return nil
		}
	}
	return images
}

func (f *frame) finish() []body.Node { return foldWordItems(f.blocks) }

// plain returns the text of blocks in one line.
func plain(blocks []body.Node) string {
	var parts []string
	body.Walk(body.Doc(blocks...), func(_ body.Path, n body.Node) bool {
		if n.Kind == body.KindText {
			parts = append(parts, n.Text)
		} else if len(parts) > 0 {
			parts = append(parts, " ")
		}
		return true
	})
	return strings.TrimSpace(strings.Join(parts, ""))
}

// levels is the number of nodes from a container down to its first block.
var levels = map[body.Kind]int{
	body.KindBlockquote: 1, body.KindBulletList: 2, body.KindOrderedList: 2, body.KindListItem: 1,
	body.KindTable: 3, body.KindTableRow: 2, body.KindTableHeader: 1, body.KindTableCell: 1,
}

// shallow replaces containers that nest deeper than depth by their blocks.
func shallow(blocks []body.Node, depth int) []body.Node {
	var out []body.Node
	for _, n := range blocks {
		switch need := levels[n.Kind]; {
		case need == 0:
			out = append(out, n)
		case need > depth:
			out = append(out, shallow(n.Content, 0)...)
		default:
			n.Content = shallow(n.Content, depth-1)
			out = append(out, n)
		}
	}
	return out
}
