package htmlin

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"github.com/tonggao/tonggao/internal/body"
)

// maxOpen bounds the elements open at one time; what nests deeper is read as
// if its tags were not there.
const maxOpen = 256

// element is an open element.
type element struct {
	name   string
	class  class
	framed bool   // it opened the top frame of its time
	effect effect // its own
	state  state  // with the effects of those around it
	from   int    // of a figure: how many blocks its frame had
	note   string // of a figure: its caption
}

// builder turns tokens into blocks: open elements on one stack, the blocks
// under construction on another, and the line that is being written.
type builder struct {
	base    *url.URL
	open    []element
	frames  []*frame
	line    []body.Node // texts and breaks as they came
	marker  string      // the bullet of Word's list item
	listing *strings.Builder
	lang    string // of the listing
	pieces  int    // the texts and blocks so far
}

// maxPieces ends the reading of a page that cannot become a document any more;
// texts may still be joined, so it is some times the nodes of one.
const maxPieces = 4 * body.MaxNodes

func newBuilder() *builder { return &builder{frames: []*frame{{}}} }

func (b *builder) state() state {
	if len(b.open) == 0 {
		return state{}
	}
	return b.open[len(b.open)-1].state
}

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

// startInListing: inside pre only line ends and the language matter.
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

// push opens an element; a link closes the link before it, as browsers do.
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
	if e.framed { // what is said of the lines around does not reach into it
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

// closeImplied closes what the start of an element ends without saying so.
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

// endsBefore reports that an open part of a table ends where another starts.
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

// closeNearest closes outwards as long as there is an element that matches
// before one that stops the search.
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

func (b *builder) end(name string) {
	switch c := classes[name]; {
	case name == "br":
		b.breakLine()
	case void[name]:
	case c == inline || c == dropped:
		b.endInline(name)
	default:
		if b.listing == nil && c != section && c != row {
			b.flush() // a stray end still ends the line
		}
		b.closeNamed(name)
	}
}

// closeNamed closes the innermost element of the name and all inside it. Parts
// of a table are only closed by one another.
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

// endInline takes one element off the stack and leaves those inside it open.
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

// restate sums the effects up again from the element at index i.
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

// closeFrom closes the element at index i and everything inside it.
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

// flush makes paragraphs of the line.
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

// finish closes what is still open.
func (b *builder) finish() []body.Node {
	b.closeFrom(0)
	b.flush()
	return shallow(b.frames[0].finish(), body.MaxDepth-3)
}
