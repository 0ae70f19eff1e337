// Package sample makes documents of every shape out of a seed, for tests.
//
// It refuses nothing that the grammar allows: it writes tables of one cell,
// quotes in lists in cells, text that looks like markup of every form. Key
// invariant: the same seed gives the same document, and every document is valid.
package docgen

import (
	"math/rand/v2"

	"github.com/tonggao/tonggao/internal/body"
)

// Document makes the document of a seed: mostly short, now and then long.
func Document(seed uint64) body.Document {
	m := maker{rand.New(rand.NewPCG(seed, 20260901))}
	return body.Doc(m.blocks(1+m.IntN(6), 0, false)...)
}

// Article makes a document like a news article with the given number of
// characters of text: headings, paragraphs, a list, a table, two images.
func Article(seed uint64, characters int) body.Document {
	m := maker{rand.New(rand.NewPCG(seed, 4000))}
	blocks := []body.Node{m.image(), body.BulletList(m.items(3, 2)...), m.table(0), m.image()}
	count := 0
	for count < characters {
		n := body.Paragraph(m.sentence(), body.Text(phrases[m.IntN(len(phrases))], body.Strong()), m.sentence(), m.sentence())
		if m.IntN(6) == 0 {
			n = body.Heading(2, body.Text(phrases[m.IntN(len(phrases))]))
		}
		for _, text := range n.Content {
			count += len([]rune(text.Text))
		}
		blocks = append(blocks, n)
	}
	return body.Doc(blocks...)
}

func (m maker) sentence() body.Node {
	s := ""
	for range 4 + m.IntN(4) {
		s += phrases[m.IntN(len(phrases))]
	}
	return body.Text(s + "。")
}

type maker struct{ *rand.Rand }

func (m maker) blocks(count, depth int, inTable bool) []body.Node {
	blocks := make([]body.Node, count)
	for i := range blocks {
		blocks[i] = m.block(depth, inTable)
	}
	return blocks
}

func (m maker) block(depth int, inTable bool) body.Node {
	kind := m.IntN(20)
	if depth >= 4 {
		kind = m.IntN(14)
	}
	switch {
	case kind < 8:
		n := body.Paragraph(m.inlines()...)
		n.Align = m.align()
		return n
	case kind < 10:
		n := body.Heading(1+m.IntN(6), m.inlines()...)
		n.Align = m.align()
		return n
	case kind < 12:
		return m.image()
	case kind < 13:
		return body.CodeBlock([]string{"", "go", "c++"}[m.IntN(3)], m.code())
	case kind < 14:
		return body.Rule()
	case kind < 15:
		return body.Quote(m.blocks(1+m.IntN(2), depth+1, inTable)...)
	case kind < 17:
		return body.BulletList(m.items(1+m.IntN(3), depth+1)...)
	case kind < 18 || inTable:
		return body.OrderedList(m.IntN(12), m.items(1+m.IntN(3), depth+1)...)
	}
	return m.table(depth)
}

func (m maker) align() body.Align {
	return []body.Align{"", "", "", "", body.AlignCenter, body.AlignRight}[m.IntN(6)]
}

func (m maker) items(count, depth int) []body.Node {
	items := make([]body.Node, count)
	for i := range items {
		items[i] = body.ListItem(body.Paragraph(m.inlines()...))
		if m.IntN(4) == 0 {
			items[i] = body.ListItem(m.blocks(1+m.IntN(2), depth+1, true)...)
		}
	}
	return items
}

func (m maker) table(depth int) body.Node {
	rows := make([]body.Node, 1+m.IntN(4))
	columns := 1 + m.IntN(4)
	header, ragged := m.IntN(2) == 0, m.IntN(4) == 0
	for i := range rows {
		cells := make([]body.Node, columns)
		for j := range cells {
			cells[j] = m.cell(depth, header && i == 0 || ragged && m.IntN(3) == 0, ragged)
		}
		rows[i] = body.Row(cells...)
	}
	n := body.TableOf(rows...)
	if m.IntN(6) == 0 {
		n.Caption = m.text()
	}
	return n
}

func (m maker) cell(depth int, header, spans bool) body.Node {
	n := body.Cell()
	if header {
		n = body.HeaderCell()
	}
	if spans {
		n.Colspan, n.Rowspan = 1+m.IntN(2), 1+m.IntN(2)
	}
	switch m.IntN(8) {
	case 0: // stays empty
	case 1:
		n.Content = m.blocks(1+m.IntN(2), depth+2, true)
	default:
		n.Content = []body.Node{body.Paragraph(m.inlines()...)}
	}
	return n
}

func (m maker) image() body.Node {
	n := body.Picture(addresses[m.IntN(len(addresses))], "")
	if m.IntN(3) > 0 {
		n.Alt = m.text()
	}
	if m.IntN(3) == 0 {
		n.Caption = m.text()
	}
	if m.IntN(2) == 0 {
		n.Width, n.Height = 2+m.IntN(1200), 2+m.IntN(1200)
	}
	return n
}
