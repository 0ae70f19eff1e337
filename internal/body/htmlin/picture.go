package htmlin

import (
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"github.com/tonggao/tonggao/internal/body"
)

// sources are the attributes in which editors store the address of a lazily loaded image,
// whose src is a placeholder.
var sources = []string{"data-src", "data-original", "data-lazy-src", "data-actualsrc", "zoomfile", "file", "src"}

// image adds an image as a block, or the text of an emoticon to the line.
func (b *builder) image(t html.Token) {
	if b.state().hidden {
		return
	}
	if classHas(t, "emoji") || classHas(t, "wp-smiley") || classHas(t, "smilieimg") {
		b.text(attr(t, "alt"))
		return
	}
	width, height := sizes(t)
	if width == 1 && height == 1 { // a tracking pixel
		return
	}
	for _, name := range sources {
		if src, ok := b.address(attr(t, name), body.ForImage); ok {
			b.flush()
			n := body.Picture(src, attr(t, "alt"))
			n.Width, n.Height = width, height
			b.append(n)
			return
		}
	}
	b.text(attr(t, "alt")) // as browsers do for a missing image
}

// address completes an address and returns its canonical form.
func (b *builder) address(raw string, use body.Use) (string, bool) {
	raw = strings.TrimSpace(raw)
	if raw == "" || raw[0] == '#' {
		return "", false
	}
	if b.base != nil {
		if ref, err := url.Parse(raw); err == nil {
			raw = b.base.ResolveReference(ref).String()
		}
	}
	return body.SafeURL(raw, use)
}

// sizes returns the width and height of an image in pixels, or neither.
func sizes(t html.Token) (width, height int) {
	width, height = pixels(attr(t, "width")), pixels(attr(t, "height"))
	if width == 0 || height == 0 { // the attributes of WeChat
		width = pixels(attr(t, "data-w"))
		ratio, err := strconv.ParseFloat(attr(t, "data-ratio"), 64)
		if err != nil || ratio <= 0 || ratio > 1000 {
			return 0, 0
		}
		height = int(math.Round(float64(width) * ratio))
	}
	if width == 0 || height <= 0 || height > 65_535 {
		return 0, 0
	}
	return width, height
}

func pixels(s string) int {
	n, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(s), "px"), 64)
	if err != nil || !(n >= 1 && n <= 65_535) {
		return 0
	}
	return int(n)
}

func classHas(t html.Token, name string) bool {
	for class := range strings.FieldsSeq(attr(t, "class")) {
		if class == name {
			return true
		}
	}
	return false
}

var languageClass = regexp.MustCompile(`(?:^|\s)(?:language-|lang-|brush:\s*)([A-Za-z0-9][A-Za-z0-9+#._-]{0,31})(?:[\s;]|$)`)

// language returns the language of a listing from a class attribute.
func language(class string) string {
	if found := languageClass.FindStringSubmatch(class); found != nil {
		return found[1]
	}
	return ""
}
