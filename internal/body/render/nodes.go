package render

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// PartBytes is the most JSON in one part of a long body: half of the limit of one setData
// call of a mini-program.
const PartBytes = 500_000

// NodesJSON returns nodes as the JSON that rich-text accepts.
func NodesJSON(nodes []Node) []byte {
	b := append(make([]byte, 0, 16<<10), '[')
	for i, n := range nodes {
		if i > 0 {
			b = append(b, ',')
		}
		b = n.appendJSON(b)
	}
	return append(b, ']')
}

// MarshalJSON implements json.Marshaler.
func (n Node) MarshalJSON() ([]byte, error) { return n.appendJSON(nil), nil }

func (n Node) appendJSON(b []byte) []byte {
	if n.Name == "" {
		b = append(b, `{"type":"text","text":`...)
		return append(appendQuoted(b, n.Text), '}')
	}
	b = append(b, `{"type":"node","name":`...)
	b = appendQuoted(b, n.Name)
	for i, a := range n.Attrs {
		if i == 0 {
			b = append(b, `,"attrs":{`...)
		} else {
			b = append(b, ',')
		}
		b = append(appendQuoted(b, a.Name), ':')
		b = appendQuoted(b, a.Value)
		if i == len(n.Attrs)-1 {
			b = append(b, '}')
		}
	}
	for i, child := range n.Children {
		if i == 0 {
			b = append(b, `,"children":[`...)
		} else {
			b = append(b, ',')
		}
		b = child.appendJSON(b)
	}
	if len(n.Children) > 0 {
		b = append(b, ']')
	}
	return append(b, '}')
}

// appendQuoted appends a JSON string without escaping Chinese, <, > and &.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		if c < 0x20 {
			b = fmt.Appendf(b, `\u%04x`, c)
		} else {
			b = append(b, '\\', c)
		}
		from = i + 1
	}
	return append(append(b, s[from:]...), '"')
}

// nodesHTML returns nodes as HTML, for components that accept a string.
func nodesHTML(nodes []Node) string {
	var w page
	for _, n := range nodes {
		w.node(n)
	}
	return string(w.b)
}

func (w *page) node(n Node) {
	if n.Name == "" {
		w.b = appendEscaped(w.b, unescapeAmpersands(n.Text), false)
		return
	}
	w.raw("<", n.Name)
	for _, a := range n.Attrs {
		w.attribute(a.Name, a.Value)
	}
	w.raw(">")
	if n.Name == "img" || n.Name == "br" || n.Name == "hr" {
		return
	}
	for _, child := range n.Children {
		w.node(child)
	}
	w.raw("</", n.Name, ">")
}

// Parts divides nodes so that the JSON of each part has at most limit bytes. A longer list
// or table continues in the next part.
func Parts(nodes []Node, limit int) [][]Node {
	var parts [][]Node
	var part []Node
	size := 2
	var buffer []byte
	for _, n := range nodes {
		buffer = n.appendJSON(buffer[:0])
		pieces := []Node{n}
		if len(buffer) >= max(limit, minPart) {
			pieces = divide(n, limit)
		}
		for _, piece := range pieces {
			if len(pieces) > 1 {
				buffer = piece.appendJSON(buffer[:0])
			}
			length := len(buffer) + 1
			if size+length > limit && len(part) > 0 {
				parts, part, size = append(parts, part), nil, 2
			}
			part, size = append(part, piece), size+length
		}
	}
	if len(part) > 0 {
		parts = append(parts, part)
	}
	return parts
}

// minPart bounds the recursion for small limits and deep nesting.
const minPart = 256

// divide splits a node that is too long for one part.
func divide(n Node, limit int) []Node {
	limit = max(limit, minPart)
	if len(n.appendJSON(nil)) < limit {
		return []Node{n}
	}
	if n.Name == "" {
		return divideText(n.Text, limit-32)
	}
	shell := n
	shell.Children = nil
	var pieces []Node
	done := 0
	for _, children := range Parts(n.Children, limit-len(shell.appendJSON(nil))-32) {
		piece := shell
		piece.Children = children
		if n.Name == "ol" && done > 0 {
			piece.Attrs = continued(n.Attrs, done)
		}
		done += len(children)
		pieces = append(pieces, piece)
	}
	if pieces == nil {
		return []Node{n}
	}
	return pieces
}

// continued returns the attributes of a list whose first items are in another part.
func continued(attrs []Attr, done int) []Attr {
	start := 1
	var out []Attr
	for _, a := range attrs {
		if a.Name == "start" {
			start, _ = strconv.Atoi(a.Value)
		} else {
			out = append(out, a)
		}
	}
	return append(out, Attr{"start", strconv.Itoa(start + done)})
}

// divideText splits a text into nodes.
func divideText(s string, limit int) []Node {
	var pieces []Node
	text := unescapeAmpersands(s)
	from, size := 0, 0
	for i, r := range text {
		length := utf8.RuneLen(r) + 6 // the longest escape
		if size+length > limit {
			pieces = append(pieces, miniText(text[from:i]))
			from, size = i, 0
		}
		size += length
	}
	return append(pieces, miniText(text[from:]))
}
