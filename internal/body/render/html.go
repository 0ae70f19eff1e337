package render

import (
	"bytes"
	"strconv"

	"github.com/tonggao/tonggao/internal/body"
)

// profile selects the features of HTML that a terminal has.
type profile struct {
	aligned  bool // text-align of paragraphs
	titled   bool // titles of links
	async    bool // images decoded asynchronously
	absolute bool // complete addresses only
	exact    bool // everything as it is read back
	plays    bool // videos and sounds are played
	embeds   bool // players of known sites are embedded
}

// rich reports whether classes, styles and links inside of the page are kept.
func (p profile) rich() bool { return p.aligned || p.exact }

// page is HTML under construction.
type page struct {
	b       []byte
	profile profile
	options Options
	shift   int

	item      body.Node // the list item whose label and box come next
	notes     noteList
	noteNodes []body.Node
}

// write renders a document as HTML.
func write(d body.Document, p profile, o Options) string {
	w := page{b: make([]byte, 0, 16<<10), profile: p, options: o, shift: levelShift(d)}
	for i, n := range expand(d.Content, o, p.absolute, w.has) {
		if i > 0 {
			w.raw("\n")
		}
		w.block(n)
	}
	w.footnotes("\n")
	return string(w.b)
}

// raw writes markup.
func (w *page) raw(parts ...string) {
	for _, s := range parts {
		w.b = append(w.b, s...)
	}
}

func (w *page) number(name string, value int) {
	w.raw(" ", name, `="`)
	w.b = strconv.AppendInt(w.b, int64(value), 10)
	w.raw(`"`)
}

func (w *page) attribute(name, value string) {
	w.raw(" ", name, `="`)
	w.b = appendEscaped(w.b, value, true)
	w.raw(`"`)
}

// appendEscaped appends s, escaped for a text or for a quoted attribute. < and > are escaped in
// both, so that a page may show it in noscript or title as well.
func appendEscaped(b []byte, s string, quoted bool) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c > '>' {
			continue
		}
		var entity string
		switch {
		case c == '&':
			entity = "&amp;"
		case c == '"' && quoted:
			entity = "&quot;"
		case c == '<':
			entity = "&lt;"
		case c == '>':
			entity = "&gt;"
		default:
			continue
		}
		b = append(append(b, s[from:i]...), entity...)
		from = i + 1
	}
	return append(b, s[from:]...)
}

func (w *page) block(n body.Node) {
	switch n.Kind {
	case body.KindParagraph:
		w.textBlock("p", n)
	case body.KindHeading:
		level := n.Level
		if !w.profile.exact {
			level = shownLevel(level, w.shift)
		}
		w.textBlock("h"+strconv.Itoa(level), n)
	case body.KindBulletList, body.KindOrderedList:
		w.list(n)
	case body.KindBlockquote:
		w.raw("<blockquote>")
		w.blocks(n.Content)
		w.raw("</blockquote>")
	case body.KindTable:
		w.table(n)
	case body.KindImage:
		w.figure(n)
	case body.KindGallery:
		w.gallery(n)
	case body.KindVideo, body.KindAudio, body.KindFile, body.KindEmbed:
		w.media(n)
	case body.KindCodeBlock:
		w.raw("<pre><code")
		if n.Language != "" {
			w.attribute("class", "language-"+n.Language)
		}
		w.raw(">")
		w.b = appendEscaped(w.b, n.Code(), false)
		w.raw("</code></pre>")
	case body.KindHorizontalRule:
		w.raw("<hr>")
	}
}

func (w *page) blocks(nodes []body.Node) {
	for _, n := range expand(nodes, w.options, w.profile.absolute, w.has) {
		w.block(n)
	}
}

func (w *page) textBlock(tag string, n body.Node) {
	w.raw("<", tag)
	if n.Dir != "" {
		w.attribute("dir", string(n.Dir))
	}
	if n.Align != "" && w.profile.aligned {
		w.attribute("style", "text-align:"+string(n.Align))
	}
	w.raw(">")
	w.inlines(n.Content)
	w.raw("</", tag, ">")
}

func (w *page) list(n body.Node) {
	tag, own := "ul", labelled(n)
	if n.Kind == body.KindOrderedList && (!own || w.profile.rich()) {
		tag = "ol"
	}
	w.raw("<", tag)
	if tag == "ol" && n.Start != 1 {
		w.number("start", n.Start)
	}
	if dir := direction(n); dir != "" {
		w.attribute("dir", string(dir))
	}
	if own && w.profile.rich() {
		w.attribute("style", "list-style:none")
	}
	w.raw(">")
	for _, item := range n.Content {
		w.raw("<li>")
		w.item = item
		content := expand(item.Content, w.options, w.profile.absolute, w.has)
		if w.pending() && !startsLine(content) {
			w.raw("<p>")
			w.writeMarker()
			w.b = append(bytes.TrimRight(w.b, " "), "</p>"...)
		}
		w.loose(content)
		w.raw("</li>")
	}
	w.raw("</", tag, ">")
}

// loose writes the blocks of an item or a cell; a single paragraph needs no p element.
func (w *page) loose(nodes []body.Node) {
	if nodes = expand(nodes, w.options, w.profile.absolute, w.has); len(nodes) == 1 && bare(nodes[0]) {
		w.inlines(nodes[0].Content)
		return
	}
	w.blocks(nodes)
}

// bare reports whether a block is a paragraph without attributes.
func bare(n body.Node) bool {
	return n.Kind == body.KindParagraph && n.Align == "" && n.Dir == ""
}

func (w *page) table(n body.Node) {
	w.raw("<table")
	if body.ForLayout(n) {
		w.raw(` role="table"`)
	}
	w.raw(">")
	if n.Caption != "" {
		w.raw("<caption>")
		w.b = appendEscaped(w.b, n.Caption, false)
		w.raw("</caption>")
	}
	head := headRows(n)
	w.rows("thead", n.Content[:head], "col")
	w.rows("tbody", n.Content[head:], "row")
	w.raw("</table>")
}

// headRows returns the number of rows at the top that have headers only.
func headRows(table body.Node) int {
	for i, row := range table.Content {
		for _, cell := range row.Content {
			if cell.Kind != body.KindTableHeader {
				return i
			}
		}
	}
	return len(table.Content)
}

func (w *page) rows(section string, rows []body.Node, scope string) {
	if len(rows) == 0 {
		return
	}
	w.raw("<", section, ">")
	for _, row := range rows {
		w.raw("<tr>")
		for _, cell := range row.Content {
			tag := "td"
			if cell.Kind == body.KindTableHeader {
				tag = "th"
			}
			w.raw("<", tag)
			if tag == "th" {
				w.attribute("scope", scope)
			}
			w.spans(cell)
			w.raw(">")
			w.loose(cell.Content)
			w.raw("</", tag, ">")
		}
		w.raw("</tr>")
	}
	w.raw("</", section, ">")
}

func (w *page) spans(cell body.Node) {
	if cell.Colspan > 1 {
		w.number("colspan", cell.Colspan)
	}
	if cell.Rowspan > 1 {
		w.number("rowspan", cell.Rowspan)
	}
}

func (w *page) figure(n body.Node) {
	src, ok := w.options.image(n.Src, w.profile.absolute)
	if !ok {
		w.raw("<p>")
		w.b = appendEscaped(w.b, imageText(n), false)
		w.raw("</p>")
		return
	}
	w.raw("<figure><img")
	w.attribute("src", src)
	w.attribute("alt", n.Alt)
	if n.Width > 0 {
		w.number("width", n.Width)
	}
	if n.Height > 0 {
		w.number("height", n.Height)
	}
	w.raw(` loading="lazy"`)
	if w.profile.async {
		w.raw(` decoding="async"`)
	}
	w.raw(">")
	if n.Caption != "" {
		w.raw("<figcaption>")
		w.b = appendEscaped(w.b, n.Caption, false)
		w.raw("</figcaption>")
	}
	w.raw("</figure>")
}

// imageText returns the text that replaces an image where a terminal cannot show it.
func imageText(n body.Node) string {
	switch {
	case n.Caption != "":
		return "[图片：" + n.Caption + "]"
	case n.Alt != "":
		return "[图片：" + n.Alt + "]"
	}
	return "[图片]"
}
