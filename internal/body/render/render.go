// Package render converts a document to the form that each terminal can show: HTML,
// nodes of a mini-program, Markdown, plain text. There is one file per form, and every
// function is pure.
//
// The output contains nothing that a terminal would remove or reject, and the visible
// text is the same in every form, except for the parts that Losses lists. The package
// renders bodies only: labels come from the caller, and the rest of the article, such as
// the disclaimer, is not rendered here.
package render

import (
	"strings"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

// Options configures a form.
type Options struct {
	// BaseURL is the address of the site without a trailing slash. Terminals outside
	// of the site need it to complete addresses; without it they lose images and links
	// that start at the root of the site.
	BaseURL string
	// Image returns the address to show for the address in the document, such as that
	// of a smaller variant. Nil leaves addresses as they are.
	Image func(src string) string
	// Labels, such as 广告, are shown by every terminal, in the first line.
	Labels []string
}

// HTML renders the body as HTML for the terminal: for the article page on WEB and WAP,
// with complete addresses on FEED and APP, with the elements of rich-text only on
// MINI_PROGRAM, with inline styles on OFFICIAL_ACCOUNT.
func HTML(d body.Document, t terminal.Terminal, o Options) string {
	if t != terminal.MiniProgram && t != terminal.OfficialAccount {
		d = o.withLabels(d) // those two add the labels themselves
	}
	switch t {
	case terminal.MiniProgram:
		return nodesHTML(MiniProgram(d, o))
	case terminal.OfficialAccount:
		return OfficialAccount(d, o)
	case terminal.Web:
		return write(d, profile{aligned: true, titled: true, async: true, plays: true, embeds: true}, o)
	case terminal.WAP:
		return write(d, profile{aligned: true, plays: true}, o)
	case terminal.App:
		return write(d, profile{aligned: true, titled: true, absolute: o.BaseURL != "", plays: true}, o)
	}
	return write(d, profile{titled: true, absolute: true}, o)
}

// image returns the address of an image. It returns false where absolute requires a
// complete address and there is none.
func (o Options) image(src string, absolute bool) (string, bool) {
	if o.Image != nil {
		src = o.Image(src)
	}
	if absolute {
		return o.absolute(src)
	}
	return src, true
}

// absolute completes an address that starts at the root of the site.
func (o Options) absolute(address string) (string, bool) {
	if !strings.HasPrefix(address, "/") {
		return address, true
	}
	return o.BaseURL + address, o.BaseURL != ""
}

// outside reports whether a link leaves the site.
func (o Options) outside(href string) bool {
	if !strings.HasPrefix(href, "http") {
		return false
	}
	rest, own := strings.CutPrefix(href, o.BaseURL)
	return o.BaseURL == "" || !own || rest != "" && !strings.ContainsAny(rest[:1], "/?#")
}

// levelShift returns 1 if the document has headings of level 1, which belongs to the
// title of the page: all headings then move down by one level.
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

// shownLevel returns the level at which a heading is shown: 2 to 4.
func shownLevel(level, shift int) int { return min(max(2, level+shift), 4) }
