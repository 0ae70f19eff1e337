package body

import "strconv"

// Path identifies a node by its index in the content at each level.
type Path []int

// String returns the path as an expression in the JSON form: content[3].content[0].
func (p Path) String() string {
	var b []byte
	for i, index := range p {
		if i > 0 {
			b = append(b, '.')
		}
		b = append(b, "content["...)
		b = strconv.AppendInt(b, int64(index), 10)
		b = append(b, ']')
	}
	return string(b)
}

// Walk calls visit for every node in reading order. The content of a node is skipped
// where visit returns false. The path is valid during the call only.
func Walk(d Document, visit func(Path, Node) bool) { walk(d.Content, nil, visit) }

func walk(nodes []Node, path Path, visit func(Path, Node) bool) {
	for i, n := range nodes {
		here := append(path, i)
		if visit(here, n) {
			walk(n.Content, here, visit)
		}
	}
}
