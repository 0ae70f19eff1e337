// Package render makes of a document what each terminal can show. One file is
// one form; every function is pure.
//
// It refuses to carry anything that a terminal would cut out or choke on, and
// to hide what it left out: Losses names it. It knows no article around the
// body: which labels it has is the caller's, and so is the disclaimer.
//
// Key invariant: the visible text is the same in every form, but for what
// Losses names.
package render

import (
	"strings"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

// Options is what a form depends on besides the document.
type Options struct {
	// BaseURL is the site's address without a slash at the end. Terminals that
	// are not the site need it to complete addresses; without it, images and
	// links that start at the site's root are lost there.
	BaseURL string
	// Image gives the address to show for the address in the document, such as
	// that of a smaller variant; nil leaves it.
	Image func(src string) string
	// Labels is what every terminal must show besides the document, such as 广告.
	// They stand in its first line.
	Labels []string
}

// HTML is the body as HTML for the terminal: the article page's own on WEB and
// WAP, sanitised with complete addresses on FEED and APP, inside the rich-text
// whitelist on MINI_PROGRAM, with inline styles on OFFICIAL_ACCOUNT.
func HTML(d body.Document, t terminal.Terminal, o Options) string {
	if t != terminal.MiniProgram && t != terminal.OfficialAccount {
		d = o.labelled(d) // those two do it themselves
	}
	switch t {
	case terminal.MiniProgram:
		return nodesHTML(MiniProgram(d, o))
	case terminal.OfficialAccount:
		return OfficialAccount(d, o)
	case terminal.Web:
		return write(d, profile{aligned: true, titled: true, async: true}, o)
	case terminal.WAP:
		return write(d, profile{aligned: true}, o)
	case terminal.App:
		return write(d, profile{aligned: true, titled: true, absolute: o.BaseURL != ""}, o)
	}
	return write(d, profile{titled: true, absolute: true}, o)
}

// image is the address of an image; absolute asks for a complete one, and
// false is said where there is none.
func (o Options) image(src string, absolute bool) (string, bool) {
	if o.Image != nil {
		src = o.Image(src)
	}
	if absolute {
		return o.absolute(src)
	}
	return src, true
}

func (o Options) absolute(address string) (string, bool) {
	if !strings.HasPrefix(address, "/") {
		return address, true
	}
	return o.BaseURL + address, o.BaseURL != ""
}

// outside reports a link that leaves the site.
func (o Options) outside(href string) bool {
	if !strings.HasPrefix(href, "http") {
		return false
	}
	rest, own := strings.CutPrefix(href, o.BaseURL)
	return o.BaseURL == "" || !own || rest != "" && !strings.ContainsAny(rest[:1], "/?#")
}

// levelShift makes room for the page's own h1: where a document starts at
// level 1 all its headings move down by one.
func levelShift(d body.Document) int {
	shift := 0
	body.Walk(d, func(_ body.Path, n body.Node) bool {
		if n.Kind == body.KindHeading && n.Level == 1 {
			shift = 1
		}
		return n.Kind != body.KindParagraph
	})
	return shift
}

// shownLevel is the level at which a heading is shown: 2 to 4.
func shownLevel(level, shift int) int { return min(max(2, level+shift), 4) }
