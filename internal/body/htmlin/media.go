package htmlin

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"github.com/tonggao/tonggao/internal/body"
)

// platformPlayers are the elements with which WeChat embeds its own media; they have no
// address outside of its application.
var platformPlayers = map[string]bool{"mpvoice": true, "mp-common-mpaudio": true, "mpvideosnap": true,
	"mp-common-videosnap": true, "qqmusic": true, "mp-common-qqmusic": true, "mp-miniprogram": true}

// startPlayer ends the line and begins a player. Elements of one pixel are not visible.
func (b *builder) startPlayer(t html.Token, e *element) {
	n := body.Media(body.KindEmbed, "", attr(t, "title"))
	if t.Data == "video" || t.Data == "audio" {
		n.Kind = body.Kind(t.Data)
	}
	if width, height := attr(t, "width"), attr(t, "height"); width == "0" || width == "1" || height == "0" || height == "1" {
		return
	}
	for _, name := range []string{"data-src", "src", "data"} {
		if src, ok := b.address(attr(t, name), body.ForImage); ok && n.Src == "" {
			n.Src = src
		}
	}
	if n.Kind != body.KindAudio {
		n.Width, n.Height = sizes(t)
		for _, name := range []string{"poster", "data-poster"} {
			if poster, ok := b.address(attr(t, name), body.ForImage); ok {
				n.Poster = poster
			}
		}
	}
	b.flush()
	e.media = &n
}

// source adds an address of the open player or picture.
func (b *builder) source(t html.Token) {
	for i := len(b.open) - 1; i >= 0; i-- {
		switch e := &b.open[i]; {
		case e.media != nil:
			if src, ok := b.address(attr(t, "src"), body.ForImage); ok && e.media.Src == "" {
				e.media.Src = src
			}
			return
		case e.name == "picture":
			b.sources = append(b.sources, largest(attr(t, "srcset")), largest(attr(t, "data-srcset")))
			return
		}
	}
}

// embed adds a player without an end tag, or the address of the object around it.
func (b *builder) embed(t html.Token) {
	for i := len(b.open) - 1; i >= 0; i-- {
		if e := &b.open[i]; e.media != nil {
			if src, ok := b.address(attr(t, "src"), body.ForImage); ok && e.media.Src == "" {
				e.media.Src = src
			}
			return
		}
	}
	if b.state().silent() {
		return
	}
	e := element{name: t.Data}
	if b.startPlayer(t, &e); e.media != nil {
		b.endPlayer(e)
	}
}

// endPlayer adds the player of an element that has ended.
func (b *builder) endPlayer(e element) {
	if e.media.Src == "" {
		if e.name != "iframe" || e.media.Alt != "" || e.media.Poster != "" {
			b.note(body.NotePlayer, e.media.Alt)
		}
		return
	}
	b.append(*e.media)
}

// link returns the link of an anchor, or a reference to another place of the page.
func (b *builder) link(t html.Token) body.Mark {
	raw := strings.TrimSpace(attr(t, "href"))
	if target, local := strings.CutPrefix(raw, "#"); local {
		return b.refer(target, t)
	}
	href, ok := b.address(raw, body.ForLink)
	if ok {
		if has(t, "download") || classHas(t, "wp-block-file__button") {
			if b.files == nil {
				b.files = map[string]bool{}
			}
			b.files[href] = true
		}
		return body.Link(href, attr(t, "title"))
	}
	if scheme, _, _ := strings.Cut(strings.ToLower(raw), ":"); raw != "" && scheme != "javascript" {
		b.note(body.NoteLink, raw)
	}
	return body.Mark{}
}

// file adds a file where the line is nothing but a link to download it.
func (b *builder) file(line []body.Node) bool {
	if len(b.files) == 0 {
		return false
	}
	href, name := "", ""
	for _, n := range line {
		if n.Kind == body.KindText && blank(n.Text) {
			continue
		}
		if n.Kind != body.KindText || len(n.Marks) == 0 || n.Marks[0].Kind != body.MarkLink || href != "" && n.Marks[0].Href != href {
			return false
		}
		href, name = n.Marks[0].Href, name+n.Text
	}
	if _, ok := body.SafeURL(href, body.ForImage); !ok || !b.files[href] {
		return false
	}
	b.append(body.Media(body.KindFile, href, name))
	return true
}

// decoded returns a fragment as the ids of elements are written.
func decoded(fragment string) string {
	if plain, err := url.PathUnescape(fragment); err == nil {
		return plain
	}
	return fragment
}
