package render_test

import (
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

// The elements that each terminal shows.
const (
	feedTags = "p h2 h3 h4 ul ol li blockquote table caption thead tbody tr th td figure figcaption img pre code hr br a strong em u s sub sup"
	siteTags = feedTags + " span ruby rp rt video audio iframe"
	miniTags = "a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del div dl dt em fieldset font footer h1 h2 h3 h4 h5 h6 header hr i img ins label legend li mark nav ol p pre q rt ruby s section small span strong sub sup table tbody td tfoot th thead tr tt u ul"
	accTags  = "section p span strong em u a h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code table thead tbody tr th td img br hr"
)

func tagsOf(t terminal.Terminal) []string {
	switch t {
	case terminal.MiniProgram:
		return strings.Fields(miniTags)
	case terminal.OfficialAccount:
		return strings.Fields(accTags)
	}
	if t == terminal.Feed {
		return strings.Fields(feedTags)
	}
	return strings.Fields(siteTags)
}

// markup reads the page token by token: every element must be known, closed in order, and
// at a place where HTML allows it.
func (c *checker) markup(page string) {
	z := html.NewTokenizer(strings.NewReader(page))
	tags := tagsOf(c.terminal)
	var open []string
	for {
		switch z.Next() {
		case html.ErrorToken:
			if z.Err() != io.EOF {
				c.fault("%v", z.Err())
			}
			if len(open) > 0 {
				c.fault("%v not closed", open)
			}
			return
		case html.CommentToken, html.DoctypeToken, html.SelfClosingTagToken:
			c.fault("%s is not allowed in a body", z.Raw())
		case html.TextToken:
			c.text(string(z.Text()), open)
		case html.StartTagToken:
			t := z.Token()
			if !slices.Contains(tags, t.Data) {
				c.fault("<%s> is not shown", t.Data)
			}
			c.place(t.Data, open)
			c.attributes(t)
			if t.Data != "br" && t.Data != "hr" && t.Data != "img" {
				open = append(open, t.Data)
			}
		case html.EndTagToken:
			name := z.Token().Data
			if len(open) == 0 || open[len(open)-1] != name {
				c.fault("</%s> while %v is open", name, open)
				return
			}
			open = open[:len(open)-1]
		}
	}
}

func (c *checker) text(s string, open []string) {
	parent := ""
	if len(open) > 0 {
		parent = open[len(open)-1]
	}
	if slices.Contains([]string{"ul", "ol", "table", "thead", "tbody", "tr", "figure"}, parent) {
		c.fault("text %q directly in <%s>", s, parent)
	}
	if c.terminal == terminal.OfficialAccount && strings.ContainsAny(s, "\n\t") {
		c.fault("the platform removes the line end or tab in %q", s)
	}
}

// place checks the nesting of elements by the content models of HTML.
func (c *checker) place(name string, open []string) {
	parent := ""
	if len(open) > 0 {
		parent = open[len(open)-1]
	}
	wanted := map[string]string{
		"li": "ul ol", "tr": "thead tbody", "td": "tr", "th": "tr", "thead": "table",
		"tbody": "table", "caption": "table", "figcaption": "figure",
	}[name]
	if wanted != "" && !slices.Contains(strings.Fields(wanted), parent) {
		c.fault("<%s> in <%s>", name, parent)
	}
	phrasing := strings.Fields("a strong em u s sub sup span code br img ruby rp rt")
	for _, ancestor := range open {
		inLine := slices.Contains(strings.Fields("p h2 h3 h4 pre figcaption caption a strong em u s sub sup span code"), ancestor)
		if inLine && !slices.Contains(phrasing, name) {
			c.fault("block <%s> in <%s>", name, ancestor)
		}
		if name == "a" && ancestor == "a" || name == "table" && ancestor == "table" {
			c.fault("<%s> in <%s>", name, ancestor)
		}
	}
}
