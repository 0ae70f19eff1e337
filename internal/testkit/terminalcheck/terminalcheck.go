// Package terminalcheck computes the text that the terminals should show of a document, for
// tests: from the document and the losses that package render reports, without its code.
package terminalcheck

import (
	"fmt"
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
	e := expectation{at: map[string]render.Loss{}, links: map[string]render.Loss{}, numbers: map[string]int{}}
	for _, l := range losses {
		if l.Kind == render.LostLink {
			e.links[l.Path] = l
		} else {
			e.at[l.Path] = l
		}
	}
	for i, n := range d.Content {
		path := body.Path{i}
		if e.at[path.String()].Kind == render.LostLength {
			e.text.WriteString("（篇幅所限，未完的部分请点“阅读原文”。）")
			break
		}
		e.node(n, path)
	}
	for i, note := range e.notes {
		fmt.Fprintf(&e.text, "[%d]%s", i+1, note)
	}
	return Squeeze(e.text.String())
}

// expectation builds the text that a terminal should show.
type expectation struct {
	text    strings.Builder
	at      map[string]render.Loss // by path, without those of links
	links   map[string]render.Loss
	numbers map[string]int // of the footnotes, by address or content
	notes   []string       // the texts of the footnotes
}

func (e *expectation) node(n body.Node, path body.Path) {
	loss := e.at[path.String()]
	switch n.Kind {
	case body.KindText:
		e.text.WriteString(n.Text)
	case body.KindRuby:
		e.text.WriteString(n.Text + "（" + n.Alt + "）")
	case body.KindFootnote:
		e.footnote(n, path)
		return
	case body.KindListItem:
		e.text.WriteString(n.Label + []string{"", "☐", "☑"}[n.Box])
	case body.KindVideo, body.KindAudio, body.KindFile, body.KindEmbed:
		if n.Kind == body.KindFile {
			loss = e.links[path.String()]
		}
		e.media(n, loss)
		return
	case body.KindImage, body.KindInlineImage:
		if loss.Kind == render.LostImage {
			e.text.WriteString(strings.TrimPrefix(loss.Instead.English, "the line "))
		} else {
			e.text.WriteString(n.Caption)
		}
	case body.KindTable:
		e.text.WriteString(n.Caption)
	}
	footnote := ""
	for i, child := range n.Content {
		here := append(path, i)
		if l, lost := e.links[here.String()]; lost && len(child.Marks) > 0 {
			if footnote = footnoteOf(l); footnote != "" {
				e.remember(footnote, child.Marks[0].Href)
			}
		}
		e.node(child, here)
		if footnote != "" && !sameLink(child, next(n.Content[i+1:])) {
			e.text.WriteString(footnote)
			footnote = ""
		}
	}
	if n.Kind == body.KindGallery {
		e.text.WriteString(n.Caption)
	}
}

// media writes the line in the place of a player, or the name of a file, and the caption.
func (e *expectation) media(n body.Node, loss render.Loss) {
	line, lost := strings.CutPrefix(loss.Instead.English, "the line ")
	if lost {
		line, _, _ = strings.Cut(line, "; the address is")
		line, number, _ := strings.Cut(line, " and footnote ")
		e.text.WriteString(line + number)
		if address := n.Src; number != "" {
			if n.Kind == body.KindEmbed {
				player, _ := body.PlayerOf(n.Src)
				address = player.Page
			}
			e.remember(number, address)
		}
	} else if n.Kind == body.KindFile {
		e.text.WriteString(n.Alt)
	}
	e.text.WriteString(n.Caption)
}

// footnote writes the sign of a footnote, and remembers its text.
func (e *expectation) footnote(n body.Node, path body.Path) {
	key := string(body.Document{Content: n.Content}.AppendJSON(nil))
	number, known := e.numbers[key]
	if !known {
		e.notes = append(e.notes, "")
		number = len(e.notes)
		e.numbers[key] = number
	}
	fmt.Fprintf(&e.text, "[%d]", number)
	if known {
		return
	}
	before := e.text.String()
	e.text.Reset()
	e.node(body.Paragraph(n.Content...), path)
	e.notes[number-1] = e.text.String()
	e.text.Reset()
	e.text.WriteString(before)
}

var footnoteForm = regexp.MustCompile(`footnote (\[\d+\])$`)

func footnoteOf(l render.Loss) string {
	if found := footnoteForm.FindStringSubmatch(l.Instead.English); found != nil {
		return found[1]
	}
	return ""
}

// Site is the base URL of tests.
const Site = "https://portal.example.cn"

func (e *expectation) remember(number, href string) {
	if strings.HasPrefix(href, "/") {
		href = Site + href
	}
	if e.numbers[href] == 0 && number == fmt.Sprintf("[%d]", len(e.notes)+1) {
		e.notes = append(e.notes, href)
		e.numbers[href] = len(e.notes)
	}
}

// next returns the first node in nodes that is not a break.
func next(nodes []body.Node) body.Node {
	for _, n := range nodes {
		if n.Kind != body.KindHardBreak {
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
