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
var sources = []string{"data-src", "data-original", "data-lazy-src", "data-actualsrc", "data-lazyload", "data-lazy", "data-echo",
	"data-backsrc", "data-original-src", "data-cfsrc", "data-ks-lazyload", "data-lazyload-src", "real_src", "zoomfile", "file"}

// smallest is the greatest height in pixels of a picture that belongs into a line.
const smallest = 40

// missing is an image without a usable address, for which a noscript element may follow.
type missing struct {
	known       bool
	line, notes int // the length of the line and of the notes before it
	after       int // what was shown before and with it
}

// image adds an image as a block or, if it is small, to the line; an emoticon as its text.
func (b *builder) image(t html.Token) {
	at := b.state()
	late := at.in&inNoscript != 0
	if at.hidden && !late {
		return
	}
	if at.in&inControl != 0 {
		b.say(attr(t, "alt"))
		return
	}
	if classHas(t, "emoji") || classHas(t, "wp-smiley") || classHas(t, "smilieimg") {
		b.text(attr(t, "alt"))
		return
	}
	width, height := sizes(t)
	if width == 1 && height == 1 || attr(t, "width") == "0" || attr(t, "height") == "0" || hiddenStyle(t) { // a tracking pixel
		return
	}
	src, ok := b.imageAddress(t)
	if late {
		b.lateImage(src, ok, t)
		return
	}
	if !ok {
		b.missing = missing{known: true, line: len(b.line), notes: len(b.notes)}
		if raw := attr(t, "src"); raw != "" || attr(t, "alt") != "" {
			raw, _, _ = strings.Cut(raw, ";base64,")
			b.note(body.NotePicture, raw)
		}
		b.text(attr(t, "alt")) // as browsers do for a missing image
		b.missing.after = b.shown
		return
	}
	b.addImage(src, t)
}

func hiddenStyle(t html.Token) bool {
	var e effect
	for declaration := range strings.SplitSeq(attr(t, "style"), ";") {
		name, value, _ := strings.Cut(declaration, ":")
		if name, value = strings.TrimSpace(name), strings.TrimSpace(value); name == "display" {
			e.declare(name, value, image)
		}
	}
	return e.hidden || has(t, "hidden")
}

// addImage adds an image with a usable address.
func (b *builder) addImage(src string, t html.Token) {
	at := b.state()
	b.shown++
	n := body.Picture(src, attr(t, "alt"))
	n.Width, n.Height = sizes(t)
	if sized, fits := small(t); fits && at.in&inDrawing == 0 && (len(b.open) == 0 || b.open[len(b.open)-1].class != figure) {
		n.Kind, n.Marks = body.KindInlineImage, at.marks.list(at.link)
		if sized {
			n.Level = bySize
		}
		b.line = append(b.line, n)
		return
	}
	if at.link.Kind == body.MarkLink {
		b.note(body.NoteLink, at.link.Href)
	}
	if at.in&inDrawing != 0 { // its state is silent
		b.closeLine()
	} else {
		b.flush()
	}
	b.append(n)
}

// inlineClasses are the classes of formulas and emoticons.
var inlineClasses = []string{"inline", "icon_emotion_single", "wxemoji", "math-tex", "latex", "ql-formula", "math", "mwe-math-fallback-image-inline", "ee_img", "eqImg"}

// bySize is the level of an inline image that may be a block if it is alone in its line. It
// exists in lines only.
const bySize = 1

// small reports whether an image belongs into the line: by its class, or by its size.
func small(t html.Token) (sized, fits bool) {
	for _, name := range inlineClasses {
		if classHas(t, name) {
			return false, true
		}
	}
	width, height := pixels(attr(t, "width")), pixels(attr(t, "height"))
	fits = height > 0 && height <= smallest && width <= 20*smallest || height == 0 && width > 0 && width <= smallest
	return fits, fits
}

// settleSizes makes small images that are alone in their line blocks.
func (b *builder) settleSizes(line []body.Node) (rest []body.Node) {
	alone := true
	for _, n := range line {
		alone = alone && (n.Kind == body.KindInlineImage && n.Level == bySize || n.Kind == body.KindHardBreak || n.Kind == body.KindText && blank(n.Text))
	}
	for i, n := range line {
		if n.Kind != body.KindInlineImage {
			continue
		}
		if line[i].Level = 0; alone {
			picture := body.Picture(n.Src, n.Alt)
			picture.Width, picture.Height = n.Width, n.Height
			b.append(picture)
		}
	}
	if alone {
		return nil
	}
	return line
}

// lateImage handles an image in a noscript element: the real one of the image before it.
func (b *builder) lateImage(src string, ok bool, t html.Token) {
	before := b.missing
	b.missing = missing{}
	blocks := b.top().blocks
	switch n := len(blocks); {
	case !ok:
	case before.known && b.shown == before.after && len(b.line) >= before.line:
		b.line, b.notes, b.places = b.line[:before.line], b.notes[:before.notes], b.places[:before.notes]
		b.late(src, t)
	case emptyLine(b.line) && n > 0 && blocks[n-1].Kind == body.KindImage && placeholder.MatchString(blocks[n-1].Src):
		blocks[n-1].Src = src
	}
}

// late adds an image outside of the noscript element that it is in.
func (b *builder) late(src string, t html.Token) {
	for i := len(b.open) - 1; i >= 0; i-- {
		if b.open[i].name == "noscript" {
			inside := b.open[i:]
			b.open = b.open[:i]
			b.addImage(src, t)
			b.open = append(b.open, inside...)
			return
		}
	}
}

var placeholder = regexp.MustCompile(`(?i)(?:loading|grey|gray|blank|placeholder|spacer|lazy|pixel|transparent|default|1x1)[^/]*$`)

// imageAddress returns the address of an image: the one that is loaded late, src, or the
// largest of a set.
func (b *builder) imageAddress(t html.Token) (string, bool) {
	candidates := make([]string, 0, len(sources)+6)
	for _, name := range sources {
		if value := attr(t, name); strings.ContainsAny(value, "/.") {
			candidates = append(candidates, value)
		}
	}
	candidates = append(candidates, largest(attr(t, "data-srcset")), attr(t, "src"), largest(attr(t, "srcset")))
	if t.Data == "image" {
		candidates = append(candidates, attr(t, "href"), attr(t, "xlink:href"))
	}
	candidates = append(append(candidates, b.sources...), attr(t, "data-url"))
	for _, candidate := range candidates {
		if src, ok := b.address(candidate, body.ForImage); ok {
			return src, true
		}
	}
	return "", false
}

// largest returns the address of the widest image of a srcset attribute.
func largest(set string) string {
	best, most := "", -1.0
	for candidate := range strings.SplitSeq(set, ", ") {
		fields := strings.Fields(candidate)
		if len(fields) == 0 {
			continue
		}
		size := 0.0
		if len(fields) > 1 {
			size, _ = strconv.ParseFloat(strings.TrimRight(fields[1], "wx,"), 64)
		}
		if size > most {
			best, most = strings.TrimRight(fields[0], ","), size
		}
	}
	return best
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

// language returns the language of a listing from the attributes of an element.
func language(t html.Token) string {
	if found := languageClass.FindStringSubmatch(attr(t, "class")); found != nil {
		return found[1]
	}
	if found := languageClass.FindStringSubmatch("lang-" + attr(t, "data-lang")); found != nil {
		return found[1]
	}
	return ""
}
