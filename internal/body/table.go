package body

import "slices"

// ForLayout reports whether a table only arranges content on a page: it has no header and
// no caption, and it has one row or column, or headings in its cells. The HTML reader
// replaces such tables by their content.
func ForLayout(table Node) bool {
	if table.Caption != "" {
		return false
	}
	widest, headings := 0, false
	for _, row := range table.Content {
		widest = max(widest, len(row.Content))
		for _, cell := range row.Content {
			if cell.Kind == KindTableHeader {
				return false
			}
			headings = headings || holdsHeading(cell)
		}
	}
	return len(table.Content) <= 1 || widest <= 1 || headings
}

func holdsHeading(n Node) bool {
	return n.Kind == KindHeading || slices.ContainsFunc(n.Content, holdsHeading)
}
