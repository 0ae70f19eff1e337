// Package terminalcheck computes the text that the terminals should show of a document, for
// tests: from the document and the losses that package render reports, without its code.
package terminalcheck

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/net/html"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/render"
)

// HTMLText returns the visible text of a page, without white space.
func HTMLText(page string) string {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for n := range root.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return Squeeze(b.String())
}

// DocumentText returns the text that a terminal should show of the document, given its
// losses, without white space.
func DocumentText(d body.Document, losses []render.Loss) string {
	e := expectation{at: map[string]render.Loss{}, notes: map[string]string{}}
	for _, l := range losses {
		e.at[l.Path] = l
	}
	for i, n := range d.Content {
		path := body.Path{i}
		if e.at[path.String()].Kind == render.LostLength {
			e.text.WriteString("（篇幅所限，未完的部分请点“阅读原文”。）")
			break
		}
		e.node(n, path)
	}
	for _, number := range e.order {
		e.text.WriteString(number + e.notes[number])
	}
	return Squeeze(e.text.String())
}

// expectation builds the text that a terminal should show.
type expectation struct {
	text  strings.Builder
	at    map[string]render.Loss
	notes map[string]string // by number: the address
	order []string
}

func (e *expectation) node(n body.Node, path body.Path) {
	loss := e.at[path.String()]
	switch n.Kind {
	case body.KindText:
		e.text.WriteString(n.Text)
	case body.KindImage:
		if loss.Kind == render.LostImage {
			e.text.WriteString(strings.TrimPrefix(loss.Instead, "the line "))
		} else {
			e.text.WriteString(n.Caption)
		}
	case body.KindTable:
		e.text.WriteString(n.Caption)
	}
	footnote := ""
	for i, child := range n.Content {
		here := append(path, i)
		if l := e.at[here.String()]; l.Kind == render.LostLink {
			footnote = footnoteOf(l)
			e.remember(footnote, child)
		}
		e.node(child, here)
		if footnote != "" && !sameLink(child, next(n.Content[i+1:])) {
			e.text.WriteString(footnote)
			footnote = ""
		}
	}
}

var footnoteForm = regexp.MustCompile(`footnote (\[\d+\])$`)

func footnoteOf(l render.Loss) string {
	if found := footnoteForm.FindStringSubmatch(l.Instead); found != nil {
		return found[1]
	}
	return ""
}

// Site is the base URL of tests.
const Site = "https://portal.example.cn"

func (e *expectation) remember(number string, n body.Node) {
	if number == "" || e.notes[number] != "" {
		return
	}
	href := n.Marks[0].Href
	if strings.HasPrefix(href, "/") {
		href = Site + href
	}
	e.notes[number] = href
	e.order = append(e.order, number)
}

// next returns the first text in nodes.
func next(nodes []body.Node) body.Node {
	for _, n := range nodes {
		if n.Kind == body.KindText {
			return n
		}
	}
	return body.Node{}
}

func sameLink(a, b body.Node) bool {
	if a.Kind == body.KindHardBreak {
		return true // decided at the text before it
	}
	return len(a.Marks) > 0 && len(b.Marks) > 0 && a.Marks[0] == b.Marks[0]
}

// Squeeze removes all white space.
func Squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}
