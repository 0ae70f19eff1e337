package render

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/body"
)

// OfficialAccountCharacters is the limit of the platform: the content of an article,
// including markup, must have fewer characters.
const OfficialAccountCharacters = 20_000

// The styles of the official account are inline: the platform removes style elements and
// classes. Blocks have margins below only, and paragraphs set their colour.
const (
	officialBox       = "line-height:1.75"
	officialParagraph = "margin:0 0 1em;color:#333"
	officialHeading   = "margin:0 0 .8em;font-weight:bold;color:#222;font-size:"
	officialList      = "margin:0 0 1em;padding-left:1.5em;color:#333"
	officialQuote     = "margin:0 0 1em;padding-left:1em;border-left:3px solid #ddd"
	officialTable     = "width:100%;border-collapse:collapse;color:#333"
	officialCell      = "border:1px solid #ddd;padding:4px 6px"
	officialFigure    = "margin:0 0 1em;text-align:center"
	officialImage     = "max-width:100%"
	officialInline    = "height:1.2em;vertical-align:middle"
	officialCaption   = "margin:0 0 1em;color:#666;font-size:.9em;text-align:center"
	officialCode      = "margin:0 0 1em;padding:.6em;background-color:#f6f6f6;color:#333;overflow-x:auto"
	officialRule      = "margin:0 0 1em;border:0;border-top:1px solid #ddd"
	officialRaised    = "vertical-align:super;font-size:.75em"
	officialLowered   = "vertical-align:sub;font-size:.75em"
	officialStruck    = "text-decoration:line-through"
	officialNotes     = "font-size:.9em;word-break:break-all"
	officialNote      = "color:#666"

	officialEnd  = "</section>"
	officialMore = "（篇幅所限，未完的部分请点“阅读原文”。）"
)

// OfficialAccount renders the body as the content of an official-account article. Links
// that leave the platform cannot be followed there; they become numbered footnotes with
// the address. Content beyond the limit of the platform is cut before the first block
// that does not fit, with a line that refers to the original; Losses lists it.
func OfficialAccount(d body.Document, o Options) string {
	html, _ := officialAccount(d, o)
	return html
}

// officialAccount also returns how many of the top-level blocks are in the content,
// including the line of the labels.
func officialAccount(d body.Document, o Options) (string, int) {
	d = o.withLabels(d)
	if d.Empty() {
		return "", 0
	}
	w := official{page: page{options: o, shift: levelShift(d)}}
	return w.article(d.Content, officialMore)
}

// article renders the blocks that fit, and says more below them if there are others.
func (w *official) article(blocks []body.Node, more string) (string, int) {
	w.tag("section", officialBox)
	reserve := utf8.RuneCountInString(officialMore) + len(officialEnd) + 200
	used, shown := utf8.RuneCount(w.b), 0
	for _, n := range blocks {
		before, known, below := len(w.b), len(w.texts), w.below
		w.block(n)
		used += utf8.RuneCount(w.b[before:])
		if used+w.below+reserve >= OfficialAccountCharacters || w.last > 0 && shown == w.last {
			w.b, w.texts, w.below = w.b[:before], w.texts[:known], below
			break
		}
		shown++
	}
	if shown < len(blocks) {
		w.tag("p", officialParagraph)
		w.raw(more, "</p>")
	}
	w.footnotes()
	w.raw(officialEnd)
	return string(w.b), shown
}

// official writes a page by the rules of the official account.
type official struct {
	page
	texts []string // the footnotes: addresses, and the texts of the document's own
	below int      // the characters that the footnotes take
	last  int      // the most blocks of an article; 0 for all that fit
}

func (w *official) tag(name, style string) { w.raw("<", name, ` style="`, style, `">`) }

func (w *official) block(n body.Node) {
	switch n.Kind {
	case body.KindParagraph:
		w.tag("p", aligned(officialParagraph, n))
		w.inlines(n.Content)
		w.raw("</p>")
	case body.KindHeading:
		level := shownLevel(n.Level, w.shift)
		name := "h" + strconv.Itoa(level)
		w.tag(name, aligned(officialHeading+headingSizes[level], n))
		w.inlines(n.Content)
		w.raw("</", name, ">")
	case body.KindBulletList, body.KindOrderedList:
		w.list(n)
	case body.KindBlockquote:
		w.tag("blockquote", officialQuote)
		w.blocks(n.Content)
		w.raw("</blockquote>")
	case body.KindTable:
		w.table(n)
	case body.KindImage:
		w.image(n)
	case body.KindGallery:
		w.blocks(n.Content)
		if n.Caption != "" {
			w.caption(n.Caption)
		}
	case body.KindVideo, body.KindAudio, body.KindFile, body.KindEmbed:
		w.blocks(w.options.mediaLines(n, true))
	case body.KindCodeBlock:
		w.tag("pre", officialCode)
		w.raw("<code>")
		w.code(n.Code())
		w.raw("</code></pre>")
	case body.KindHorizontalRule:
		w.tag("hr", officialRule)
	}
}

func (w *official) blocks(nodes []body.Node) {
	for _, n := range nodes {
		w.block(n)
	}
}

func (w *official) loose(nodes []body.Node) {
	if len(nodes) == 1 && bare(nodes[0]) {
		w.inlines(nodes[0].Content)
		return
	}
	w.blocks(nodes)
}

func (w *official) list(n body.Node) {
	name := "ul"
	if n.Kind == body.KindOrderedList && !labelled(n) {
		name = "ol"
	}
	w.raw("<", name, ` style="`, listStyle(officialList, n), `"`)
	if name == "ol" && n.Start != 1 {
		w.number("start", n.Start)
	}
	w.raw(">")
	for _, item := range n.Content {
		w.raw("<li>")
		w.item = item
		if w.pending() && !startsLine(item.Content) {
			w.tag("p", officialParagraph)
			w.writeMarker()
			w.raw("</p>")
		}
		w.loose(item.Content)
		w.raw("</li>")
	}
	w.raw("</", name, ">")
}

func (w *official) table(n body.Node) {
	if n.Caption != "" {
		w.caption(n.Caption)
	}
	w.tag("section", "margin:0 0 1em;overflow-x:auto")
	w.tag("table", officialTable)
	w.raw("<tbody>")
	for _, row := range n.Content {
		w.raw("<tr>")
		for _, cell := range row.Content {
			name := "td"
			if cell.Kind == body.KindTableHeader {
				name = "th"
			}
			w.raw("<", name, ` style="`, officialCell, `"`)
			w.spans(cell)
			w.raw(">")
			w.loose(cell.Content)
			w.raw("</", name, ">")
		}
		w.raw("</tr>")
	}
	w.raw("</tbody></table></section>")
}

func (w *official) caption(text string) {
	w.tag("p", officialCaption)
	w.b = appendEscaped(w.b, text, false)
	w.raw("</p>")
}

func (w *official) image(n body.Node) {
	src, ok := w.options.image(n.Src, true)
	if !ok {
		w.caption(imageText(n))
		return
	}
	w.tag("section", officialFigure)
	w.raw("<img")
	w.attribute("src", src)
	w.attribute("alt", n.Alt)
	w.attribute("style", officialImage)
	w.raw("></section>")
	if n.Caption != "" {
		w.caption(n.Caption)
	}
}

// code writes line ends and indents as elements and entities: the platform does not
// preserve white space.
func (w *official) code(s string) {
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			w.raw("<br>")
		}
		line = strings.ReplaceAll(line, "\t", "    ")
		text := strings.TrimLeft(line, " ")
		w.raw(strings.Repeat("&nbsp;", len(line)-len(text)))
		from := len(w.b)
		w.b = appendEscaped(w.b, text, false)
		if strings.Contains(text, "  ") {
			w.b = append(w.b[:from], strings.ReplaceAll(string(w.b[from:]), "  ", " &nbsp;")...)
		}
	}
}

func (w *official) inlines(nodes []body.Node) {
	var open []body.Mark
	switchMarks := func(to []body.Mark) {
		kept := len(common(open, to))
		for _, m := range slices.Backward(open[kept:]) {
			w.closeMark(m)
		}
		for _, m := range to[kept:] {
			w.openMark(m)
		}
		open = to
	}
	if w.pending() {
		w.writeMarker()
	}
	for i, n := range nodes {
		if n.Kind == body.KindHardBreak {
			switchMarks(common(open, nextMarks(nodes[i:])))
			w.raw("<br>")
			continue
		}
		switchMarks(n.Marks)
		w.inline(n)
	}
	switchMarks(nil)
}

func (w *official) inline(n body.Node) {
	switch n.Kind {
	case body.KindText:
		w.b = appendEscaped(w.b, n.Text, false)
	case body.KindRuby:
		w.b = appendEscaped(w.b, rubyText(n), false)
	case body.KindInlineImage:
		w.inlineImage(n)
	case body.KindFootnote:
		w.footnote(n)
	}
}

func (w *official) inlineImage(n body.Node) {
	src, ok := w.options.image(n.Src, true)
	if !ok {
		w.b = appendEscaped(w.b, imageText(n), false)
		return
	}
	w.raw("<img")
	w.attribute("src", src)
	w.attribute("alt", n.Alt)
	w.attribute("style", officialInline)
	w.raw(">")
}

// footnote writes the sign of a footnote of the document and keeps its text, which is
// rendered at once so that links in it have the next numbers.
func (w *official) footnote(n body.Node) {
	number, fresh := w.noteNumber(noteKey(n))
	w.raw(noteSign(number))
	if !fresh {
		return
	}
	from := len(w.b)
	w.inlines(n.Content)
	w.keep(number, string(w.b[from:]))
	w.b = w.b[:from]
}

func (w *official) openMark(m body.Mark) {
	switch m.Kind {
	case body.MarkLink:
		if followable(m.Href) {
			w.raw("<a")
			w.attribute("href", m.Href)
			w.raw(">")
		}
	case body.MarkSub:
		w.tag("span", officialLowered)
	case body.MarkSup:
		w.tag("span", officialRaised)
	case body.MarkStrike:
		w.tag("span", officialStruck)
	default:
		w.raw("<", markTags[m.Kind], ">")
	}
}

func (w *official) closeMark(m body.Mark) {
	switch m.Kind {
	case body.MarkLink:
		if followable(m.Href) {
			w.raw("</a>")
		} else if href, ok := w.options.absolute(m.Href); ok {
			w.raw(noteSign(w.note(href)))
		}
	case body.MarkSub, body.MarkSup, body.MarkStrike:
		w.raw("</span>")
	default:
		w.raw("</", markTags[m.Kind], ">")
	}
}

// followable reports whether href is a link to another article of the platform, which
// official-account articles keep.
func followable(href string) bool {
	_, rest, _ := strings.Cut(href, "://")
	return strings.HasPrefix(rest, "mp.weixin.qq.com/")
}

// noteNumber returns the number of the footnote with a key; a new one has no text yet.
func (w *official) noteNumber(key string) (number int, fresh bool) {
	if number, _ = w.notes.number(key); number > len(w.texts) {
		w.texts = append(w.texts, "")
		return number, true // also where a block with it did not fit
	}
	return number, false
}

// keep sets the text of a footnote.
func (w *official) keep(number int, text string) {
	w.texts[number-1] = text
	w.below += utf8.RuneCountInString(text) + len(officialNote) + 24
}

// note returns the number of the footnote for an address, and adds the footnote.
func (w *official) note(href string) int {
	number, fresh := w.noteNumber(href)
	if fresh {
		w.keep(number, string(appendEscaped(nil, href, false)))
	}
	return number
}

// footnotes writes the texts of the footnotes at the end.
func (w *official) footnotes() {
	if len(w.texts) == 0 {
		return
	}
	w.tag("section", officialNotes)
	for i, text := range w.texts {
		w.tag("p", officialNote)
		w.raw(noteSign(i+1), " ", text, "</p>")
	}
	w.raw("</section>")
}
