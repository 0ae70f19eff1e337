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
	name     string
	class    class
	framed   bool   // it opened a frame
	effect   effect // of this element alone
	state    state  // with the effects of the enclosing elements
	from     int    // of a figure: the number of blocks before it in its frame
	note     string // of a figure: its caption
	anchor   string // its id
	endnotes bool   // it has the footnotes of a text
	shown    int    // of an element with a background: what was shown before it
	said     string // of a control: its text
	media    *body.Node
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
	shown   int    // the texts and blocks with something to see
	notes   []body.Note
	places  []int // of the notes: the top-level blocks before each
	missing missing
	sources []string        // of the open picture element
	files   map[string]bool // the addresses of links to download
	codeEnd int             // of the listing, after the last code element in it
	ruby    int             // where the base of an annotation starts in the line
	reading string          // the annotation so far
	notesOf footnotes
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
	if b.reference(at.link, s) {
		return
	}
	if !at.silent() && !blank(s) {
		b.shown++
	}
	switch {
	case at.silent():
	case at.in&inControl != 0:
		b.say(s)
	case at.in&inRuby != 0:
		b.reading += s
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
		b.leaveDrawing(t.Data, c)
		b.rule()
		return
	case image:
		b.image(t)
		return
	}
	if void[t.Data] {
		b.startVoid(t)
		return
	}
	b.startRuby(t.Data)
	b.leaveDrawing(t.Data, c)
	if c.breaks() {
		b.closeImplied(t.Data, c)
	}
	e := effectOf(t, c)
	if (c.breaks() || e.drawn && b.state().in&inDrawing != 0) && !e.hidden {
		b.flush()
	}
	b.push(t, c, e)
}

// leaveDrawing closes a drawing that has no end tag at an element that cannot be in one.
func (b *builder) leaveDrawing(name string, c class) {
	if b.state().in&inDrawing != 0 && (c.breaks() || markOf[name] != 0 || name == "span") {
		b.endInline("svg")
	}
}

// breaks reports whether an element of the class starts and ends a line.
func (c class) breaks() bool { return c != inline && c != dropped && c != player && c != control }

func (b *builder) rule() {
	b.closeParagraph()
	if b.state().silent() {
		return
	}
	b.flush()
	for _, e := range b.open {
		if e.endnotes {
			return // it divides the text from the footnotes
		}
	}
	b.append(body.Rule())
}

// startVoid handles the start tag of an element without content.
func (b *builder) startVoid(t html.Token) {
	switch t.Data {
	case "source":
		b.source(t)
	case "embed":
		b.embed(t)
	case "input":
		b.input(t)
	case "area":
		if href, ok := b.address(attr(t, "href"), body.ForLink); ok && !b.state().silent() {
			b.note(body.NoteLink, href)
		}
	}
}

func (b *builder) breakLine() {
	if !b.state().silent() {
		b.line = append(b.line, body.HardBreak())
	}
}

// startInListing handles a start tag inside of pre, where only line ends and the language
// are read.
func (b *builder) startInListing(t html.Token, c class) {
	switch {
	case c == lineBreak:
		b.listing.WriteByte('\n')
	case t.Data == "code":
		if b.lang == "" {
			b.lang = language(t)
		}
		if n := b.listing.Len(); n > 0 && n == b.codeEnd && b.open[len(b.open)-1].class == code {
			b.listing.WriteByte('\n') // WeChat writes one code element for each line
		}
	case c == image:
		b.note(body.NotePicture, attr(t, "src"))
	}
	if !void[t.Data] {
		b.push(t, c, effectOf(t, c))
	}
}

// push opens an element. As in browsers, a link closes the open link.
func (b *builder) push(t html.Token, c class, eff effect) {
	if len(b.open) >= maxOpen {
		return
	}
	e := element{name: t.Data, class: c, effect: eff, shown: b.shown}
	if t.Data == "a" {
		b.end("a")
		e.effect.off |= underline
		e.effect.link = b.link(t)
	} else {
		e.anchor = attr(t, "id")
	}
	around := b.state()
	silent := around.silent() || e.effect.hidden
	if !silent || c == player && !around.silent() && !hiddenStyle(t) {
		b.begin(t, c, &e)
	}
	e.endnotes = classHas(t, "footnotes") || attr(t, "role") == "doc-endnotes"
	if b.listing == nil && !silent {
		e.framed = b.openFrame(t, c, e.effect)
	}
	if e.framed { // the format of lines is not inherited by blocks
		around.level, around.wordList, around.align = 0, 0, ""
	}
	if c == code && b.listing == nil && !silent {
		if classHas(t, "wp-block-verse") {
			e.effect.lines = true
		} else {
			b.listing, b.lang, b.codeEnd = new(strings.Builder), language(t), 0
		}
	}
	if c == figure {
		e.from = len(b.top().blocks)
	}
	e.state = around.with(e.effect)
	b.open = append(b.open, e)
}

func (b *builder) closeListing() {
	b.append(body.CodeBlock(b.lang, b.listing.String()))
	b.listing, b.lang = nil, ""
}

// flush appends the paragraphs of the line. Inside of a hidden element nothing was added
// to the line, which continues after it.
func (b *builder) flush() {
	at := b.state()
	if at.silent() {
		return
	}
	b.closeLine()
}

// closeLine is flush where the state is known to be that of the line.
func (b *builder) closeLine() {
	at := b.state()
	line := b.line
	b.line, b.ruby = nil, 0
	b.label()
	line = b.settleSizes(line)
	if b.flushNote(line) || at.level == 0 && at.wordList == 0 && b.file(line) {
		return
	}
	for _, content := range paragraphs(line) {
		n := body.Paragraph(content...)
		if at.level > 0 {
			n = body.Heading(at.level, content...)
		}
		n.Align, n.Dir = at.align, at.rtl.of(content)
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
	return b.resolve(shallow(b.frames[0].finish(), body.MaxDepth-4))
}
