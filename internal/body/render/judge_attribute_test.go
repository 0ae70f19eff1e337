package render_test

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

// siteAttributes are the attributes of pages of the site, by element.
var siteAttributes = map[string]string{
	"a": "href title rel download id", "img": "src alt width height loading decoding class", "ol": "start dir style", "ul": "dir",
	"td": "colspan rowspan", "th": "colspan rowspan scope", "code": "class", "table": "role",
	"p": "style dir id", "h2": "style dir", "h3": "style dir", "h4": "style dir", "span": "class",
	"video": "src title poster width height controls preload", "audio": "src title controls preload",
	"iframe": "src title width height loading sandbox allowfullscreen",
}

// miniAttributes are the attributes of rich-text, by element, besides style and class.
var miniAttributes = map[string]string{
	"bdo": "dir", "col": "span width", "colgroup": "span width", "img": "alt src height width",
	"ol": "start type", "table": "width", "td": "colspan height rowspan width",
	"th": "colspan height rowspan width", "tr": "colspan height rowspan width",
}

var accountAttributes = map[string]string{
	"a": "href", "img": "src alt", "ol": "start", "td": "colspan rowspan", "th": "colspan rowspan",
}

func (c *checker) attributes(t html.Token) {
	allowed := siteAttributes[t.Data]
	switch c.terminal {
	case terminal.MiniProgram:
		allowed = miniAttributes[t.Data] + " style class"
	case terminal.OfficialAccount:
		allowed = accountAttributes[t.Data] + " style"
	case terminal.Feed:
		allowed = strings.ReplaceAll(allowed, "style", "")
	}
	seen := map[string]bool{}
	values := map[string]string{}
	for _, a := range t.Attr {
		if !slices.Contains(strings.Fields(allowed), a.Key) || seen[a.Key] {
			c.fault("<%s %s=%q>", t.Data, a.Key, a.Val)
		}
		seen[a.Key], values[a.Key] = true, a.Val
		if strings.ContainsAny(a.Val, "<>") {
			c.fault("%s=%q contains a bracket, which sanitisers take for markup", a.Key, a.Val)
		}
	}
	c.style(t.Data, values["style"])
	c.addresses(t.Data, values)
}

func (c *checker) style(tag, style string) {
	account := c.terminal == terminal.OfficialAccount
	if account && tag == "p" && !strings.Contains(";"+style, ";color:") {
		c.fault("a paragraph without a colour: %q", style)
	}
	for _, declaration := range strings.Split(style, ";") {
		name, value, _ := strings.Cut(declaration, ":")
		switch name {
		case "":
		case "position", "z-index", "animation", "transform", "float":
			c.fault("%s is filtered", declaration)
		case "margin-top":
			c.fault("%s: margins are allowed below only", declaration)
		case "margin":
			if sides := strings.Fields(value); account && sides[0] != "0" {
				c.fault("%s: margins are allowed below only", declaration)
			}
		case "white-space":
			if account {
				c.fault("%s is unreliable", declaration)
			}
		case "font-size":
			if !strings.HasSuffix(value, "em") || c.terminal != terminal.MiniProgram && !account {
				c.fault("%s fixes a size", declaration)
			}
		default:
			if strings.Contains(value, "url(") || strings.Contains(value, "expression") {
				c.fault("%s loads something", declaration)
			}
		}
	}
}

func (c *checker) addresses(tag string, values map[string]string) {
	switch tag {
	case "img":
		if _, ok := values["alt"]; !ok && c.terminal != terminal.MiniProgram {
			c.fault("image without alt")
		}
		if c.terminal != terminal.MiniProgram && c.terminal != terminal.OfficialAccount && values["loading"] != "lazy" {
			c.fault("image loads at once")
		}
		c.address(values["src"], false)
	case "video", "audio", "iframe":
		c.address(values["src"], false)
		if poster := values["poster"]; poster != "" {
			c.address(poster, false)
		}
	case "a":
		if strings.HasPrefix(values["href"], "#") && c.terminal != terminal.Feed && c.terminal != terminal.OfficialAccount {
			return
		}
		c.address(values["href"], true)
		c.relation(values)
	}
}

func (c *checker) address(raw string, link bool) {
	u, err := url.Parse(raw)
	if err != nil || raw == "" {
		c.fault("address %q: %v", raw, err)
		return
	}
	local := c.terminal == terminal.Web || c.terminal == terminal.WAP
	switch u.Scheme {
	case "https":
	case "http":
		if c.terminal == terminal.MiniProgram {
			c.fault("address %q is not https", raw)
		}
	case "mailto", "tel":
		if !link {
			c.fault("image address %q", raw)
		}
		return
	case "":
		if !local || u.Host != "" || !strings.HasPrefix(raw, "/") {
			c.fault("address %q is not complete", raw)
		}
		return
	default:
		c.fault("scheme of %q", raw)
	}
	if u.Host == "" || u.User != nil {
		c.fault("address %q has no plain host", raw)
	}
	if c.terminal == terminal.OfficialAccount && link && u.Host != "mp.weixin.qq.com" {
		c.fault("link %q leaves the platform", raw)
	}
}

func (c *checker) relation(values map[string]string) {
	if c.terminal == terminal.OfficialAccount || !strings.HasPrefix(values["href"], "http") {
		return
	}
	own := values["href"] == c.site || strings.HasPrefix(values["href"], c.site+"/")
	if guarded := values["rel"] == "nofollow noopener"; guarded == own {
		c.fault("link %q has rel %q", values["href"], values["rel"])
	}
}
