package htmlin

import (
	"slices"

	"github.com/tonggao/tonggao/internal/body"
)

const maxColumns = 100

// tableOrBlocks returns the table, or the content of a layout table. Declared is set for a
// table whose role declares it as a data table.
func tableOrBlocks(n body.Node, declared bool) []body.Node {
	if n.Caption != "" && body.Doc(n).Empty() {
		return []body.Node{body.Paragraph(body.Text(n.Caption))}
	}
	named := declared || n.Caption != "" || hasHeader(n)
	if named {
		n.Content = flat(n.Content)
	}
	n.Content = narrow(n.Content)
	if !named && layout(n) {
		return cellBlocks(n, func(blocks []body.Node) []body.Node { return blocks })
	}
	return []body.Node{n}
}

func hasHeader(n body.Node) bool {
	for _, row := range n.Content {
		for _, cell := range row.Content {
			if cell.Kind == body.KindTableHeader {
				return true
			}
		}
	}
	return false
}

// layout reports whether a table only arranges content on a page: by body.ForLayout, or
// because a cell contains another table.
func layout(n body.Node) bool {
	d := body.Doc(n)
	return d.Empty() || body.ForLayout(d.Content[0]) || slices.ContainsFunc(d.Content[0].Content, holdsTable)
}

func holdsTable(n body.Node) bool {
	return n.Kind == body.KindTable || slices.ContainsFunc(n.Content, holdsTable)
}

// flat replaces the tables in blocks by the content of their cells.
func flat(blocks []body.Node) []body.Node {
	var out []body.Node
	for _, n := range blocks {
		if n.Kind != body.KindTable {
			n.Content = flat(n.Content)
			out = append(out, n)
			continue
		}
		out = append(out, cellBlocks(n, flat)...)
	}
	return out
}

// cellBlocks returns the caption and the content of the cells in reading order.
func cellBlocks(table body.Node, of func([]body.Node) []body.Node) []body.Node {
	var out []body.Node
	if table.Caption != "" {
		out = append(out, body.Paragraph(body.Text(table.Caption)))
	}
	for _, row := range table.Content {
		for _, cell := range row.Content {
			out = append(out, of(cell.Content)...)
		}
	}
	return out
}

// narrow merges the cells beyond the most columns of a table into the last one.
func narrow(rows []body.Node) []body.Node {
	for i, row := range rows {
		var cells []body.Node
		width := 0
		for _, cell := range row.Content {
			if width >= maxColumns {
				last := &cells[len(cells)-1]
				last.Content = append(last.Content, cell.Content...)
				continue
			}
			cell.Colspan = min(cell.Colspan, maxColumns-width)
			width += cell.Colspan
			cells = append(cells, cell)
		}
		rows[i].Content = cells
	}
	return rows
}
