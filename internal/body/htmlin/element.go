package htmlin

import "github.com/tonggao/tonggao/internal/body"

// class groups elements by their effect on the text around and inside of them.
type class uint8

const (
	inline  class = iota // no effect except marks; also unknown elements
	block                // starts and ends a line
	heading              // a block of its level
	list                 // ul, ol
	item
	quote
	table
	section // thead, tbody, tfoot
	row
	cell
	caption // of a figure or table
	figure
	code // pre
	player
	control // a button or field, whose text is a note
	dropped
	lineBreak
	rule
	image
)

var classes = map[string]class{
	"h1": heading, "h2": heading, "h3": heading, "h4": heading, "h5": heading, "h6": heading,
	"ul": list, "ol": list, "menu": list, "dir": list, "li": item,
	"blockquote": quote, "pre": code, "listing": code, "xmp": code, "plaintext": code,
	"video": player, "audio": player, "iframe": player, "embed": player, "object": player,
	"button": control, "select": control, "textarea": control,
	"table": table, "thead": section, "tbody": section, "tfoot": section,
	"tr": row, "td": cell, "th": cell, "caption": caption,
	"figure": figure, "figcaption": caption,
	"br": lineBreak, "hr": rule, "img": image, "image": image,
}

func init() {
	for _, name := range []string{"p", "div", "section", "article", "header", "footer", "main", "aside",
		"nav", "address", "center", "fieldset", "form", "details", "summary", "dl", "dt", "dd",
		"body", "html", "hgroup", "legend"} {
		classes[name] = block
	}
	for _, name := range []string{"script", "style", "applet", "noscript", "rp", "noembed", "noframes",
		"template", "canvas", "title", "datalist", "xml", "frameset", "annotation", "annotation-xml"} {
		classes[name] = dropped
	}
}

// void lists the elements without content and end tag.
var void = map[string]bool{
	"br": true, "hr": true, "img": true, "image": true, "input": true, "meta": true, "link": true, "area": true,
	"base": true, "col": true, "embed": true, "param": true, "source": true, "track": true, "wbr": true,
	"basefont": true, "bgsound": true, "frame": true, "keygen": true,
}

// rawText lists the elements whose content is text up to their end tag, also where their
// start tag ends with a slash.
var rawText = map[string]bool{"script": true, "style": true, "textarea": true, "title": true,
	"xmp": true, "plaintext": true, "noembed": true, "noframes": true}

// marks is a set of the marks that need no attribute.
type marks uint8

const (
	strong marks = 1 << iota
	em
	underline
	strike
	sub
	sup
	codeMark
)

var markOf = map[string]marks{
	"b": strong, "strong": strong,
	"i": em, "em": em, "cite": em, "dfn": em, "var": em,
	"u": underline, "ins": underline,
	"s": strike, "strike": strike, "del": strike,
	"sub": sub, "sup": sup,
	"code": codeMark, "kbd": codeMark, "samp": codeMark, "tt": codeMark,
}

// list returns the marks of the set, after the link if there is one.
func (m marks) list(link body.Mark) []body.Mark {
	var out []body.Mark
	if link.Kind != "" {
		out = append(out, link)
	}
	for i, mark := range [...]body.Mark{body.Strong(), body.Em(), body.Underline(), body.Strike(), body.Sub(), body.Sup(), body.Code()} {
		if m&(1<<i) != 0 {
			out = append(out, mark)
		}
	}
	return out
}
