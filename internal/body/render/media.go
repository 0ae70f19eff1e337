package render

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/body"
)

// isMedia reports whether a node is a player or a file.
func isMedia(n body.Node) bool {
	return n.Kind == body.KindVideo || n.Kind == body.KindAudio || n.Kind == body.KindEmbed || n.Kind == body.KindFile
}

// mediaText returns the line in the place of a player or file, and the address to which it
// leads.
func mediaText(n body.Node) (text, address string) {
	address = n.Src
	switch n.Kind {
	case body.KindFile:
		return "附件：" + n.Alt, address
	case body.KindVideo:
		text = "▶ 视频"
	case body.KindAudio:
		text = "▶ 音频"
	default:
		player, _ := body.PlayerOf(n.Src)
		if address, text = player.Page, "▶ "+player.Name; player.Name == "" {
			text = "▶ 嵌入内容"
		}
	}
	if n.Alt != "" {
		text += "：" + n.Alt
	}
	return text, address
}

// marker returns the label and the box of a list item, with the spaces that follow them.
func marker(item body.Node) (label, box string) {
	if label = item.Label; label != "" {
		if last, _ := utf8.DecodeLastRuneInString(label); last < 0x2460 {
			label += " "
		}
	}
	switch item.Box {
	case body.Checked:
		box = "☑ "
	case body.Unchecked:
		box = "☐ "
	}
	return label, box
}

// labelled reports whether the items of a list have labels.
func labelled(list body.Node) bool { return len(list.Content) > 0 && list.Content[0].Label != "" }

// startsLine reports whether a block starts with a line of text.
func startsLine(blocks []body.Node) bool {
	return len(blocks) > 0 && blocks[0].Kind == body.KindParagraph
}

// direction returns the direction of a list: that of its lines, if it is the same in all.
func direction(list body.Node) body.Direction {
	lines, rtl := 0, 0
	body.Walk(body.Document{Content: list.Content}, func(_ body.Path, n body.Node) bool {
		if n.Kind != body.KindParagraph && n.Kind != body.KindHeading {
			return true
		}
		if lines++; n.Dir == body.RightToLeft {
			rtl++
		}
		return false
	})
	if lines > 0 && lines == rtl {
		return body.RightToLeft
	}
	return ""
}

// mediaLines returns the blocks in the place of a player or file on terminals that do not
// have it: its poster, a link, its caption.
func (o Options) mediaLines(n body.Node, absolute bool) []body.Node {
	var blocks []body.Node
	if n.Poster != "" {
		if _, ok := o.image(n.Poster, absolute); ok {
			blocks = append(blocks, body.Picture(n.Poster, n.Alt))
		}
	}
	text, address := mediaText(n)
	blocks = append(blocks, body.Paragraph(body.Text(text, body.Link(address, ""))))
	if n.Caption != "" {
		blocks = append(blocks, body.Paragraph(body.Text(n.Caption)))
	}
	return blocks
}

// expand replaces the players and files in nodes that a terminal does not have by the
// blocks in their place.
func expand(nodes []body.Node, o Options, absolute bool, has func(body.Node) bool) []body.Node {
	first := slices.IndexFunc(nodes, func(n body.Node) bool { return isMedia(n) && !has(n) })
	if first < 0 {
		return nodes
	}
	out := slices.Clone(nodes[:first])
	for _, n := range nodes[first:] {
		if isMedia(n) && !has(n) {
			out = append(out, o.mediaLines(n, absolute)...)
		} else {
			out = append(out, n)
		}
	}
	return out
}

// has reports whether a player or file is shown as what it is.
func (w *page) has(n body.Node) bool {
	switch n.Kind {
	case body.KindFile:
		_, ok := w.options.media(n.Src, w.profile.absolute)
		return ok
	case body.KindEmbed:
		_, known := body.PlayerOf(n.Src)
		return w.profile.exact || known && w.profile.embeds
	}
	return w.profile.plays
}

// media writes a player or file.
func (w *page) media(n body.Node) {
	if n.Kind == body.KindFile {
		w.file(n)
		return
	}
	w.raw("<figure><", map[body.Kind]string{body.KindVideo: "video", body.KindAudio: "audio", body.KindEmbed: "iframe"}[n.Kind])
	w.player(n)
	if n.Caption != "" {
		w.raw("<figcaption>")
		w.b = appendEscaped(w.b, n.Caption, false)
		w.raw("</figcaption>")
	}
	w.raw("</figure>")
}

// player writes the attributes and the end of a player.
func (w *page) player(n body.Node) {
	src, _ := w.options.media(n.Src, w.profile.absolute)
	w.attribute("src", src)
	if n.Alt != "" && w.profile.titled {
		w.attribute("title", n.Alt)
	}
	if n.Poster != "" && (n.Kind == body.KindVideo || w.profile.exact) {
		if poster, ok := w.options.image(n.Poster, w.profile.absolute); ok {
			w.attribute(map[body.Kind]string{body.KindVideo: "poster", body.KindEmbed: "data-poster"}[n.Kind], poster)
		}
	}
	if n.Width > 0 {
		w.number("width", n.Width)
		w.number("height", n.Height)
	}
	if n.Kind == body.KindEmbed {
		allowed := "" // other sites get no rights where Markdown is shown as HTML
		if _, known := body.PlayerOf(n.Src); known {
			allowed = "allow-scripts allow-same-origin allow-presentation allow-popups"
		}
		w.raw(` loading="lazy" sandbox="`, allowed, `" allowfullscreen=""></iframe>`)
	} else {
		w.raw(` controls="" preload="none"></`, string(n.Kind), ">")
	}
}

// file writes a link to download a file.
func (w *page) file(n body.Node) {
	src, _ := w.options.media(n.Src, w.profile.absolute)
	w.raw("<p><a")
	w.attribute("href", src)
	w.raw(` download=""`)
	if w.options.outside(n.Src) {
		w.raw(` rel="nofollow noopener"`)
	}
	w.raw(">")
	w.b = appendEscaped(w.b, n.Alt, false)
	w.raw("</a></p>")
}

// media returns the address of a player or file.
func (o Options) media(src string, absolute bool) (string, bool) {
	if absolute {
		return o.absolute(src)
	}
	return src, true
}

// gallery writes a group of images.
func (w *page) gallery(n body.Node) {
	w.raw("<figure>")
	for _, image := range n.Content {
		w.figure(image)
	}
	if n.Caption != "" {
		w.raw("<figcaption>")
		w.b = appendEscaped(w.b, n.Caption, false)
		w.raw("</figcaption>")
	}
	w.raw("</figure>")
}

// writeMarker writes the label and the box of the item that starts.
func (w *page) writeMarker() {
	label, box := marker(w.item)
	if w.profile.exact && w.item.Box != body.NoBox {
		box = map[body.Check]string{body.Checked: `<input type="checkbox" checked="">`, body.Unchecked: `<input type="checkbox">`}[w.item.Box]
		w.raw(box)
		box = ""
	}
	w.item = body.Node{}
	if label != "" && w.profile.rich() {
		w.raw(`<span class="list-marker">`)
		w.b = appendEscaped(w.b, label, false)
		w.raw("</span>")
		label = ""
	}
	w.b = appendEscaped(w.b, label+box, false)
}

// pending reports whether the label or box of an item has still to be written.
func (w *page) pending() bool { return w.item.Label != "" || w.item.Box != body.NoBox }

// inlineImage writes an image inside of a line.
func (w *page) inlineImage(n body.Node) {
	src, ok := w.options.image(n.Src, w.profile.absolute)
	if !ok {
		w.b = appendEscaped(w.b, imageText(n), false)
		return
	}
	w.raw("<img")
	w.attribute("src", src)
	w.attribute("alt", n.Alt)
	if n.Width > 0 {
		w.number("width", n.Width)
		w.number("height", n.Height)
	}
	if w.profile.rich() {
		w.raw(` class="inline"`)
	}
	w.raw(` loading="lazy">`)
}

// inlineRuby writes a text with an annotation.
func (w *page) inlineRuby(n body.Node) {
	if !w.profile.rich() {
		w.b = appendEscaped(w.b, rubyText(n), false)
		return
	}
	w.raw("<ruby>")
	w.b = appendEscaped(w.b, n.Text, false)
	w.raw("<rp>（</rp><rt>")
	w.b = appendEscaped(w.b, n.Alt, false)
	w.raw("</rt><rp>）</rp></ruby>")
}

// footnote writes the sign of a footnote, which leads to its text.
func (w *page) footnote(n body.Node) {
	number, fresh := w.notes.number(noteKey(n))
	if fresh {
		w.noteNodes = append(w.noteNodes, n)
	}
	digits := strings.Trim(noteSign(number), "[]")
	if !w.profile.rich() {
		w.raw("<sup>", noteSign(number), "</sup>")
		return
	}
	w.raw("<sup><a")
	if fresh {
		w.attribute("id", "fnref-"+digits)
	}
	w.attribute("href", "#fn-"+digits)
	w.raw(">", noteSign(number), "</a></sup>")
}

// footnotes writes the texts of the footnotes, each after a separator.
func (w *page) footnotes(separator string) {
	for i, n := range w.noteNodes {
		w.raw(separator)
		digits := strings.Trim(noteSign(i+1), "[]")
		if w.profile.rich() {
			w.raw(`<p id="fn-`, digits, `"><a href="#fnref-`, digits, `">`, noteSign(i+1), "</a> ")
		} else {
			w.raw("<p>", noteSign(i+1), " ")
		}
		w.inlines(n.Content)
		w.raw("</p>")
	}
}
