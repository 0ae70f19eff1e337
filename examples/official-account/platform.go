package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// The platform's treatment of elements: kept elements stay, dropped elements are removed with their
// content, and all others are replaced by their content.
var (
	kept = strings.Fields("section p span strong b em i u s sub sup a h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code " +
		"table thead tbody tfoot tr th td caption img br hr")
	dropped = strings.Fields("script style link meta title iframe form input button select textarea video audio object embed noscript template svg math")
)

// attributes lists the kept attributes by element; style is kept on all of them.
var attributes = map[string]string{
	"a": "href", "img": "src alt width height data-src", "ol": "start", "td": "colspan rowspan", "th": "colspan rowspan",
}

// ignored matches the properties that the platform filters out of a style.
var ignored = strings.Fields("position z-index top left right bottom transform transition animation float")

// keep returns the content that the platform would keep, and one line for each thing
// that it would remove.
func keep(content string) (string, []string) {
	context := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(content), context)
	if err != nil {
		return "", []string{fmt.Sprintf("读不懂的 HTML：%v", err)}
	}
	f := filter{}
	for _, n := range nodes {
		f.node(n)
	}
	return f.out.String(), f.lost
}

// filter writes the kept part of a node.
type filter struct {
	out  strings.Builder
	lost []string
}

func (f *filter) lose(format string, args ...any) {
	if line := fmt.Sprintf(format, args...); !slices.Contains(f.lost, line) {
		f.lost = append(f.lost, line)
	}
}

func (f *filter) node(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		f.out.WriteString(html.EscapeString(n.Data))
	case html.CommentNode:
		f.lose("注释被删去")
	case html.ElementNode:
		f.element(n)
	}
}

func (f *filter) element(n *html.Node) {
	switch {
	case slices.Contains(dropped, n.Data):
		f.lose("<%s> 连同内容被删去", n.Data)
		return
	case n.Data == "img" && !f.image(n), n.Data == "a" && !f.link(n):
		f.children(n)
		return
	case !slices.Contains(kept, n.Data):
		f.lose("<%s> 被拆掉，内容保留", n.Data)
		f.children(n)
		return
	}
	f.out.WriteString("<" + n.Data)
	for _, a := range n.Attr {
		f.attribute(n.Data, a)
	}
	f.out.WriteString(">")
	if n.Data == "img" || n.Data == "br" || n.Data == "hr" {
		return
	}
	f.children(n)
	f.out.WriteString("</" + n.Data + ">")
}

func (f *filter) children(n *html.Node) {
	for child := range n.ChildNodes() {
		f.node(child)
	}
}

// image reports whether an image is kept. The platform's editor uploads a pasted picture
// itself; its interface accepts only pictures on its own hosts.
func (f *filter) image(n *html.Node) bool {
	src := value(n, "src")
	if on(src, "mmbiz.qpic.cn", "mmbiz.qlogo.cn") {
		return true
	}
	if !on(src) {
		f.lose("图片没有完整的地址，被过滤：%s", src)
		return false
	}
	f.lose("图片在粘贴时由后台转存，用接口发稿要先以 media/uploadimg 上传：%s", src)
	return true
}

// link reports whether a link is kept: only those to the platform's articles.
func (f *filter) link(n *html.Node) bool {
	href := value(n, "href")
	if on(href, "mp.weixin.qq.com") {
		return true
	}
	f.lose("站外链接点不开，只剩文字：%s", href)
	return false
}

// on reports whether the URL is complete and on one of the hosts, or on any if none is given.
func on(address string, hosts ...string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && (len(hosts) == 0 || slices.Contains(hosts, u.Host))
}

func (f *filter) attribute(element string, a html.Attribute) {
	switch {
	case a.Key == "style":
		if style := f.style(a.Val); style != "" {
			f.out.WriteString(` style="` + html.EscapeString(style) + `"`)
		}
	case strings.HasPrefix(a.Key, "on"):
		f.lose("脚本 %s 被删去", a.Key)
	case slices.Contains(strings.Fields(attributes[element]), a.Key):
		f.out.WriteString(" " + a.Key + `="` + html.EscapeString(a.Val) + `"`)
	default:
		f.lose("属性 %s 不起作用", a.Key)
	}
}

// style returns the declarations that the platform keeps.
func (f *filter) style(style string) string {
	var declarations []string
	for _, declaration := range strings.Split(style, ";") {
		name, _, _ := strings.Cut(declaration, ":")
		name = strings.ToLower(strings.TrimSpace(name))
		switch {
		case name == "":
		case slices.Contains(ignored, name), strings.Contains(declaration, "url("), strings.Contains(declaration, "expression"):
			f.lose("样式 %s 被过滤", strings.TrimSpace(declaration))
		default:
			declarations = append(declarations, strings.TrimSpace(declaration))
		}
	}
	return strings.Join(declarations, ";")
}

func value(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
