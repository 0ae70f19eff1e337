package body

import "slices"

// ForLayout reports a table that says nothing as a table: without header and
// caption it has one row or one column, or its cells hold headings. Pages use
// such tables to place things; readers of HTML take them apart.
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
