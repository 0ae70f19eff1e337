package render

import (
	"strconv"
	"strings"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

// LossKind is the kind of a loss.
type LossKind string

// The kinds of losses.
const (
	LostLink      LossKind = "LINK"      // cannot be followed
	LostImage     LossKind = "IMAGE"     // cannot be shown
	LostPlayer    LossKind = "PLAYER"    // cannot be played
	LostAlignment LossKind = "ALIGNMENT" // lines are aligned at the start
	LostLength    LossKind = "LENGTH"    // the end is cut
)

// Loss is a part of a document that a terminal cannot show.
type Loss struct {
	Path    string // of the node in the document: content[3].content[0]
	Kind    LossKind
	Reason  Message
	Instead Message // what is shown in its place
}

// Message holds a text for people in English and in Chinese.
type Message struct{ English, Chinese string }

// In returns the text in Chinese where chinese is set, otherwise in English.
func (m Message) In(chinese bool) string {
	if chinese {
		return m.Chinese
	}
	return m.English
}

// plus returns the message continued by a text that needs no translation, after a phrase
// in each language.
func (m Message) plus(english, chinese, text string) Message {
	return Message{m.English + english + text, m.Chinese + chinese + text}
}

var (
	itsText  = Message{"its text", "只留文字"}
	theLine  = Message{"the line ", "改为一行："}
	aFeed    = Message{"a feed needs complete addresses, and there is no base URL", "订阅源里的地址必须完整，而站点没有设置网址"}
	ownLinks = Message{"an official-account article links to its own platform only", "公众号文章只能链接到公众号平台"}
)

// Losses returns the parts of the document that the terminal cannot show, in reading
// order. Options are those of the rendering; without a base URL, images and links that
// start at the root of the site are lost on terminals outside of the site.
func Losses(d body.Document, t terminal.Terminal, options ...Options) []Loss {
	l := losses{terminal: t, options: first(options)}
	shown := len(d.Content)
	if t == terminal.OfficialAccount {
		_, shown = officialAccount(d, l.options)
		if len(l.options.Labels) > 0 {
			shown-- // the line of the labels is not in the document
		}
	}
	var before body.Mark // the link of the text just before
	body.Walk(d, func(path body.Path, n body.Node) bool {
		if path[0] >= shown {
			if len(path) == 1 && path[0] == shown {
				most := strconv.Itoa(OfficialAccountCharacters)
				l.add(path, LostLength, Message{"an official-account article stays below " + most + " characters, markup counted", "公众号文章连同标记不到 " + most + " 个字符"},
					Message{"the text up to here and a line that leads to the original", "正文到此为止，加一行指向原文"})
			}
			return false
		}
		if n.Kind == body.KindHardBreak {
			return true // a link continues after it
		}
		if n.Kind == body.KindFootnote {
			before = body.Mark{}
			_, fresh := l.notes.number(noteKey(n))
			return fresh // its links are in the first one only
		}
		link := linkOf(n)
		if link.Href != "" && link != before {
			l.link(path, link.Href)
		}
		before = link
		l.block(path, n)
		return true
	})
	return l.found
}

// losses collects what one terminal cannot show.
type losses struct {
	terminal terminal.Terminal
	options  Options
	notes    noteList
	found    []Loss
}

func (l *losses) add(path body.Path, kind LossKind, reason, instead Message) {
	l.found = append(l.found, Loss{Path: path.String(), Kind: kind, Reason: reason, Instead: instead})
}

// linkOf returns the link of a text, or the zero Mark.
func linkOf(n body.Node) body.Mark {
	if len(n.Marks) > 0 && n.Marks[0].Kind == body.MarkLink {
		return n.Marks[0]
	}
	return body.Mark{}
}

// link adds the loss of a link to href.
func (l *losses) link(path body.Path, href string) {
	address, complete := l.options.absolute(href)
	switch l.terminal {
	case terminal.MiniProgram:
		l.add(path, LostLink, Message{"the rich-text component has no links", "富文本组件里不能有链接"}, itsText.plus("; the address is ", "；地址是 ", address))
	case terminal.OfficialAccount:
		if followable(href) {
			return
		}
		if !complete {
			l.add(path, LostLink, ownLinks.plus(", and the address is incomplete without a base URL", "，而且站点没有设置网址，地址不完整", ""), itsText)
			return
		}
		number, _ := l.notes.number(address)
		l.add(path, LostLink, ownLinks, itsText.plus(" and footnote ", "，地址见脚注 ", noteSign(number)))
	case terminal.Feed:
		if !complete {
			l.add(path, LostLink, aFeed, itsText)
		}
	}
}

// block adds the losses of a node other than those of its links.
func (l *losses) block(path body.Path, n body.Node) {
	if n.Align != "" && l.terminal == terminal.Feed {
		l.add(path, LostAlignment, Message{"feed readers drop styles", "订阅阅读器不保留样式"}, Message{"lines that are aligned at the start", "各行靠左"})
	}
	if isMedia(n) {
		l.media(path, n)
	}
	if n.Kind != body.KindImage && n.Kind != body.KindInlineImage || !l.leavesSite() {
		return
	}
	if _, ok := l.options.image(n.Src, true); !ok {
		l.add(path, LostImage, Message{"outside of the site an image needs a complete address, and there is no base URL", "站外显示图片需要完整的地址，而站点没有设置网址"},
			theLine.plus("", "", strings.TrimSpace(imageText(n))))
	}
}

// media adds the loss of a player or file that the terminal shows as a line.
func (l *losses) media(path body.Path, n body.Node) {
	text, address := mediaText(n)
	_, known := body.PlayerOf(n.Src)
	kind, reason := LostPlayer, Message{"the terminal plays nothing inside of an article", "这个终端的正文里不能播放"}
	switch {
	case n.Kind == body.KindFile && l.terminal != terminal.MiniProgram && l.terminal != terminal.OfficialAccount && l.terminal != terminal.Feed:
		return
	case n.Kind == body.KindFile:
		if kind, reason = LostLink, (Message{"the terminal has no links to files", "这个终端不能链接到文件"}); l.terminal == terminal.Feed {
			if _, ok := l.options.absolute(n.Src); ok {
				return
			}
			reason = aFeed
		}
	case n.Kind == body.KindEmbed && l.terminal == terminal.Web:
		if known {
			return
		}
		reason = Message{"only players of known sites are embedded", "只嵌入已知网站的播放器"}
	case n.Kind == body.KindEmbed:
	case !l.leavesSite():
		return
	}
	instead := theLine.plus("", "", text)
	complete, ok := l.options.absolute(address)
	switch {
	case l.terminal == terminal.MiniProgram:
		instead = instead.plus("; the address is ", "；地址是 ", complete)
	case l.terminal == terminal.OfficialAccount && ok && !followable(address):
		number, _ := l.notes.number(complete)
		instead = instead.plus(" and footnote ", "，地址见脚注 ", noteSign(number))
	}
	l.add(path, kind, reason, instead)
}

// leavesSite reports whether the terminal shows documents outside of the site.
func (l *losses) leavesSite() bool {
	return l.terminal == terminal.MiniProgram || l.terminal == terminal.OfficialAccount || l.terminal == terminal.Feed
}
