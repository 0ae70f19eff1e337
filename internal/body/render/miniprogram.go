package render

import (
	"strconv"
	"strings"

	"github.com/tonggao/tonggao/internal/body"
)

// Node is a node of the rich-text component of mini-programs: a text where Name is empty,
// otherwise an element. The component removes unknown elements with their content, so
// MiniProgram uses known ones only.
type Node struct {
	Name     string
	Attrs    []Attr
	Children []Node
	Text     string
}

// Attr is an attribute of a Node.
type Attr struct{ Name, Value string }

// The styles are inline, because a component cannot rely on the classes of the page.
// Sizes are relative, so that they scale with the font size of the page.
const (
	miniParagraph = "margin:0 0 1em"
	miniHeading   = "margin:0 0 .6em;font-weight:bold;font-size:"
	miniList      = "margin:0 0 1em;padding-left:1.5em"
	miniQuote     = "margin:0 0 1em;padding-left:1em;border-left:3px solid #ddd"
	miniTable     = "width:100%;margin:0 0 1em;border-collapse:collapse"
	miniCell      = "border:1px solid #ddd;padding:4px 6px"
	miniFigure    = "margin:0 0 1em;text-align:center"
	miniImage     = "max-width:100%;height:auto"
	miniCaption   = "color:#666;font-size:.9em"
	miniNote      = "margin:0 0 .5em;color:#666;font-size:.9em"
	miniInline    = "height:1.2em;vertical-align:middle"
	miniCode      = "margin:0 0 1em;white-space:pre-wrap;word-break:break-all"
)

var headingSizes = [...]string{2: "1.25em", 3: "1.15em", 4: "1.05em"}

// MiniProgram renders the body as the array that rich-text accepts. Links do not work
// there: their text is kept, and Losses lists their addresses.
func MiniProgram(d body.Document, o Options) []Node {
	m := &mini{options: o, shift: levelShift(d)}
	nodes := m.blocks(o.withLabels(d).Content)
	for i, n := range m.noteNodes {
		nodes = append(nodes, element("p", miniNote, append([]Node{miniText(noteSign(i+1) + " ")}, m.inlines(n.Content)...)...))
	}
	return nodes
}

// mini renders documents as nodes.
type mini struct {
	options Options
	shift   int

	item      body.Node // the list item whose label and box come next
	notes     noteList
	noteNodes []body.Node
}

// element returns an element with an optional style.
func element(name, style string, children ...Node) Node {
	n := Node{Name: name, Children: children}
	if style != "" {
		n.Attrs = []Attr{{"style", style}}
	}
	return n
}

func (m *mini) blocks(nodes []body.Node) []Node {
	nodes = expand(nodes, m.options, true, func(body.Node) bool { return false })
	out := make([]Node, len(nodes))
	for i, n := range nodes {
		out[i] = m.block(n)
	}
	return out
}

func (m *mini) gallery(n body.Node) Node {
	div := element("div", "", m.blocks(n.Content)...)
	if n.Caption != "" {
		div.Children = append(div.Children, element("p", miniCaption, miniText(n.Caption)))
	}
	return div
}

func (m *mini) block(n body.Node) Node {
	switch n.Kind {
	case body.KindParagraph:
		return element("p", aligned(miniParagraph, n), m.inlines(n.Content)...)
	case body.KindHeading:
		level := shownLevel(n.Level, m.shift)
		return element("h"+strconv.Itoa(level), aligned(miniHeading+headingSizes[level], n), m.inlines(n.Content)...)
	case body.KindBulletList, body.KindOrderedList:
		return m.list(n)
	case body.KindBlockquote:
		return element("blockquote", miniQuote, m.blocks(n.Content)...)
	case body.KindTable:
		return m.table(n)
	case body.KindImage:
		return m.image(n)
	case body.KindGallery:
		return m.gallery(n)
	case body.KindCodeBlock:
		return element("pre", miniCode, element("code", "", miniText(n.Code())))
	}
	return element("hr", "")
}

// aligned adds the alignment and the direction of n to a style.
func aligned(style string, n body.Node) string {
	if n.Dir != "" {
		style += ";direction:" + string(n.Dir)
	}
	if n.Align != "" {
		style += ";text-align:" + string(n.Align)
	}
	return style
}

// listStyle adds the direction of a list to a style, and removes its bullets where the
// items have labels.
func listStyle(style string, n body.Node) string {
	if dir := direction(n); dir != "" {
		style += ";direction:" + string(dir)
	}
	if labelled(n) {
		style += ";list-style:none"
	}
	return style
}

func (m *mini) list(n body.Node) Node {
	list := element("ul", listStyle(miniList, n))
	if n.Kind == body.KindOrderedList && !labelled(n) {
		list.Name = "ol"
		if n.Start != 1 {
			list.Attrs = append(list.Attrs, Attr{"start", strconv.Itoa(n.Start)})
		}
	}
	for _, item := range n.Content {
		li := element("li", "")
		if m.item = item; !startsLine(item.Content) {
			if text := m.marker(); text != "" {
				li.Children = append(li.Children, element("p", "", miniText(text)))
			}
		}
		li.Children = append(li.Children, m.loose(item.Content)...)
		list.Children = append(list.Children, li)
	}
	return list
}

// loose returns the blocks of an item or a cell; a single paragraph needs no p element.
func (m *mini) loose(nodes []body.Node) []Node {
	if len(nodes) == 1 && bare(nodes[0]) {
		return m.inlines(nodes[0].Content)
	}
	return m.blocks(nodes)
}

func (m *mini) table(n body.Node) Node {
	table := element("table", miniTable)
	if n.Caption != "" {
		table.Children = append(table.Children, element("caption", miniCaption, miniText(n.Caption)))
	}
	head := headRows(n)
	for i, rows := range [][]body.Node{n.Content[:head], n.Content[head:]} {
		if len(rows) == 0 {
			continue
		}
		section := element([]string{"thead", "tbody"}[i], "")
		for _, row := range rows {
			tr := element("tr", "")
			for _, cell := range row.Content {
				tr.Children = append(tr.Children, m.cell(cell))
			}
			section.Children = append(section.Children, tr)
		}
		table.Children = append(table.Children, section)
	}
	return table
}

func (m *mini) cell(cell body.Node) Node {
	td := element("td", miniCell, m.loose(cell.Content)...)
	if cell.Kind == body.KindTableHeader {
		td.Name = "th"
	}
	if cell.Colspan > 1 {
		td.Attrs = append(td.Attrs, Attr{"colspan", strconv.Itoa(cell.Colspan)})
	}
	if cell.Rowspan > 1 {
		td.Attrs = append(td.Attrs, Attr{"rowspan", strconv.Itoa(cell.Rowspan)})
	}
	return td
}

func (m *mini) image(n body.Node) Node {
	src, ok := m.options.image(n.Src, true)
	if !ok {
		return element("p", miniParagraph, miniText(imageText(n)))
	}
	if rest, plain := strings.CutPrefix(src, "http://"); plain && m.options.outside(src) {
		src = "https://" + rest // the only scheme that the platform loads
	}
	img := Node{Name: "img", Attrs: []Attr{{"src", src}, {"style", miniImage}}}
	if n.Alt != "" {
		img.Attrs = append(img.Attrs, Attr{"alt", n.Alt})
	}
	if n.Caption == "" {
		return element("div", miniFigure, img)
	}
	return element("div", miniFigure, img, element("p", miniCaption, miniText(n.Caption)))
}

// miniText returns a text node. The component decodes entities, so & is escaped.
func miniText(s string) Node { return Node{Text: escapeAmpersands(s)} }

// marker returns the label and the box of the item that starts.
func (m *mini) marker() string {
	label, box := marker(m.item)
	m.item = body.Node{}
	return label + box
}

func (m *mini) inlines(nodes []body.Node) []Node {
	out := make([]Node, 0, len(nodes)+1)
	if text := m.marker(); text != "" {
		out = append(out, miniText(text))
	}
	for i := 0; i < len(nodes); {
		if nodes[i].Kind == body.KindHardBreak {
			out = append(out, Node{Name: "br"})
			i++
			continue
		}
		end := i + 1
		for end < len(nodes) && nodes[end].Kind != body.KindHardBreak && sameFirstMark(nodes[i], nodes[end]) {
			end++
		}
		out = append(out, m.run(nodes[i:end])...)
		i = end
	}
	return out
}

func sameFirstMark(a, b body.Node) bool {
	return len(a.Marks) > 0 && len(common(a.Marks, b.Marks)) > 0
}

// run returns the nodes of texts that start with the same mark.
func (m *mini) run(nodes []body.Node) []Node {
	first := nodes[0]
	if len(first.Marks) == 0 {
		return []Node{m.inline(first)}
	}
	inner := make([]body.Node, len(nodes))
	for i, n := range nodes {
		n.Marks = n.Marks[1:]
		inner[i] = n
	}
	children := m.inlines(inner)
	if tag := markTags[first.Marks[0].Kind]; tag != "" {
		return []Node{element(tag, "", children...)}
	}
	return children
}

// inline returns the node of an inline without marks.
func (m *mini) inline(n body.Node) Node {
	switch n.Kind {
	case body.KindRuby:
		return miniText(rubyText(n))
	case body.KindInlineImage:
		return m.inlineImage(n)
	case body.KindFootnote:
		number, fresh := m.notes.number(noteKey(n))
		if fresh {
			m.noteNodes = append(m.noteNodes, n)
		}
		return element("sup", "", miniText(noteSign(number)))
	}
	return miniText(n.Text)
}

func (m *mini) inlineImage(n body.Node) Node {
	figure := m.image(body.Picture(n.Src, n.Alt))
	if figure.Name == "p" { // the text in its place
		return figure.Children[0]
	}
	img := figure.Children[0]
	img.Attrs[1] = Attr{"style", miniInline}
	return img
}
