package htmlin

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"github.com/tonggao/tonggao/internal/body"
)

// maxOpen bounds the open elements; the tags of deeper ones are ignored.
const maxOpen = 256

// element is an open element.
type element struct {
	name   string
	class  class
	framed bool   // it opened a frame
	effect effect // of this element alone
	state  state  // with the effects of the enclosing elements
	from   int    // of a figure: the number of blocks before it in its frame
	note   string // of a figure: its caption
}

// builder converts tokens to blocks. It has a stack of open elements, a stack of blocks
// under construction, and the texts of the current line.
type builder struct {
	base    *url.URL
	open    []element
	frames  []*frame
	line    []body.Node // texts and breaks in input order
	marker  string      // the bullet of Word's list item
	listing *strings.Builder
	lang    string // of the listing
	pieces  int    // the texts and blocks so far
	notes   []body.Note
}

// maxPieces ends the reading of a page that is too large for a document. Texts may be
// joined later, so it is a multiple of the nodes of a document.
const maxPieces = 4 * body.MaxNodes

func newBuilder() *builder { return &builder{frames: []*frame{{}}} }

// state returns the state inside of the innermost open element.
func (b *builder) state() state {
	if len(b.open) == 0 {
		return state{}
	}
	return b.open[len(b.open)-1].state
}

// text adds a text to the line, the listing or the marker.
func (b *builder) text(s string) {
	at := b.state()
	b.pieces++
	switch {
	case at.hidden:
	case at.marker:
		b.marker += s
	case b.listing != nil:
		b.listing.WriteString(s)
	case at.lines:
		for i, part := range strings.Split(s, "\n") {
			if i > 0 {
				b.line = append(b.line, body.HardBreak())
			}
			b.line = append(b.line, body.Text(part, at.marks.list(at.link)...))
		}
	default:
		b.line = append(b.line, body.Text(s, at.marks.list(at.link)...))
	}
}

// start handles a start tag.
func (b *builder) start(t html.Token) {
	c := classes[t.Data]
	if b.listing != nil && c != code {
		b.startInListing(t, c)
		return
	}
	switch c {
	case lineBreak:
		b.breakLine()
		return
	case rule:
		b.closeParagraph()
		b.flush()
		b.append(body.Rule())
		return
	case image:
		b.image(t)
		return
	}
	if void[t.Data] {
		return
	}
	if c != inline && c != dropped {
		b.closeImplied(t.Data, c)
		b.flush()
	}
	b.push(t, c)
}

func (b *builder) breakLine() {
	if !b.state().hidden {
		b.line = append(b.line, body.HardBreak())
	}
}

// startInListing handles a start tag inside of pre, where only line ends and the language
// are read.
func (b *builder) startInListing(t html.Token, c class) {
	switch {
	case c == lineBreak:
		b.listing.WriteByte('\n')
	case t.Data == "code" && b.lang == "":
		b.lang = language(attr(t, "class"))
	}
	if !void[t.Data] {
		b.push(t, c)
	}
}

// push opens an element. As in browsers, a link closes the open link.
func (b *builder) push(t html.Token, c class) {
	if len(b.open) >= maxOpen {
		return
	}
	e := element{name: t.Data, class: c, effect: effectOf(t, c)}
	if t.Data == "a" {
		b.end("a")
		e.effect.off |= underline
		if href, ok := b.address(attr(t, "href"), body.ForLink); ok {
			e.effect.link = body.Link(href, attr(t, "title"))
		}
	}
	around := b.state()
	if b.listing == nil {
		e.framed = b.openFrame(t, c)
	}
	if e.framed { // the format of lines is not inherited by blocks
		around.level, around.wordList, around.align = 0, 0, ""
	}
	if c == code && b.listing == nil && !around.hidden {
		if classHas(t, "wp-block-verse") {
			e.effect.lines = true
		} else {
			b.listing, b.lang = new(strings.Builder), language(attr(t, "class"))
		}
	}
	if c == figure {
		e.from = len(b.top().blocks)
	}
	e.state = around.with(e.effect)
	b.open = append(b.open, e)
}

// closeImplied closes the elements whose end tag is implied by a start tag.
func (b *builder) closeImplied(name string, c class) {
	if c != section && c != row && c != cell {
		b.closeParagraph()
	}
	switch c {
	case heading:
		if n := len(b.open); n > 0 && b.open[n-1].class == heading {
			b.closeFrom(n - 1)
		}
	case item:
		b.closeNearest(func(e element) bool { return e.class == item }, func(e element) bool {
			return e.class == list || e.class == table || e.class == cell || e.class == caption
		})
	case section, row, cell, caption:
		if name != "figcaption" {
			b.closeNearest(func(e element) bool { return endsBefore(e.class, c) }, func(e element) bool { return e.class == table })
		}
	}
}

// endsBefore reports whether the start of another part ends an open part of a table.
func endsBefore(open, next class) bool {
	switch next {
	case cell:
		return open == cell || open == caption
	case row:
		return open == row || open == cell || open == caption
	}
	return open == row || open == cell || open == section || open == caption
}

func (b *builder) closeParagraph() { b.closeNamed("p") }

// closeNearest closes all elements that match, with their content, up to the innermost
// one that stops the search.
func (b *builder) closeNearest(match, stop func(element) bool) {
	lowest := -1
	for i := len(b.open) - 1; i >= 0 && !stop(b.open[i]); i-- {
		if match(b.open[i]) {
			lowest = i
		}
	}
	if lowest >= 0 {
		b.closeFrom(lowest)
	}
}

// end handles an end tag.
func (b *builder) end(name string) {
	switch c := classes[name]; {
	case name == "br":
		b.breakLine()
	case void[name]:
	case c == inline || c == dropped:
		b.endInline(name)
	default:
		if b.listing == nil && c != section && c != row {
			b.flush() // a stray end tag ends the line too
		}
		b.closeNamed(name)
	}
}

// closeNamed closes the innermost element of the name and its content. Parts of a table
// are only closed by one another.
func (b *builder) closeNamed(name string) {
	c := classes[name]
	ofTable := c == table || c == section || c == row || c == cell
	for i := len(b.open) - 1; i >= 0; i-- {
		e := b.open[i]
		if e.name == name {
			b.closeFrom(i)
			return
		}
		if e.class == table || !ofTable && (e.class == cell || e.class == caption) {
			return
		}
	}
}

// endInline removes one element from the stack; the elements inside of it stay open.
func (b *builder) endInline(name string) {
	for i := len(b.open) - 1; i >= 0; i-- {
		if e := b.open[i]; e.name == name {
			b.open = append(b.open[:i], b.open[i+1:]...)
			b.restate(i)
			return
		} else if e.class == cell || e.class == caption {
			return
		}
	}
}

// restate computes the states of the elements from index i on.
func (b *builder) restate(i int) {
	var around state
	if i > 0 {
		around = b.open[i-1].state
	}
	for ; i < len(b.open); i++ {
		e := &b.open[i]
		if e.framed {
			around.level, around.wordList, around.align = 0, 0, ""
		}
		e.state = around.with(e.effect)
		around = e.state
	}
}

// closeFrom closes the element at index i and its content.
func (b *builder) closeFrom(i int) {
	for len(b.open) > i {
		e := b.open[len(b.open)-1]
		if e.class != inline && e.class != dropped {
			if b.listing == nil {
				b.flush()
			} else if e.class == code {
				b.closeListing()
			} else if s := b.listing.String(); s != "" && s[len(s)-1] != '\n' {
				b.listing.WriteByte('\n')
			}
		}
		b.open = b.open[:len(b.open)-1]
		if e.class == section {
			b.top().header = false
		}
		if e.framed {
			b.closeFrame()
		}
		if e.class == figure {
			b.closeFigure(e)
		}
	}
}

func (b *builder) closeListing() {
	b.append(body.CodeBlock(b.lang, b.listing.String()))
	b.listing, b.lang = nil, ""
}

// flush appends the paragraphs of the line.
func (b *builder) flush() {
	line := b.line
	b.line = nil
	at := b.state()
	for _, content := range paragraphs(line) {
		n := body.Paragraph(content...)
		if at.level > 0 {
			n = body.Heading(at.level, content...)
		}
		n.Align = at.align
		if at.wordList > 0 {
			n = wordItem(at.wordList, b.marker, n)
		} else if b.marker != "" { // the number of a heading
			n.Content = append([]body.Node{body.Text(b.marker)}, n.Content...)
		}
		b.marker = ""
		b.append(n)
	}
}

// finish closes all elements and returns the blocks.
func (b *builder) finish() []body.Node {
	b.closeFrom(0)
	b.flush()
	return shallow(b.frames[0].finish(), body.MaxDepth-3)
}
