// Package docgen generates documents from seeds, for tests.
//
// They use everything that the grammar allows: tables of one cell, quotes in lists in
// cells, text that looks like markup of every form. The same seed generates the same
// document, and every document is valid.
package docgen

import (
	"math/rand/v2"

	"github.com/tonggao/tonggao/internal/body"
)

// Document returns the document of a seed: short as a rule, sometimes long.
func Document(seed uint64) body.Document {
	g := generator{rand.New(rand.NewPCG(seed, 20260901))}
	return body.Doc(g.blocks(1+g.IntN(6), 0, false)...)
}

// Article returns a document like a news article with at least the given number of
// characters: headings, paragraphs, a list, a table, two images.
func Article(seed uint64, characters int) body.Document {
	g := generator{rand.New(rand.NewPCG(seed, 4000))}
	blocks := []body.Node{g.image(), body.BulletList(g.items(3, 2)...), g.table(0), g.image()}
	count := 0
	for count < characters {
		n := body.Paragraph(g.sentence(), body.Text(phrases[g.IntN(len(phrases))], body.Strong()), g.sentence(), g.sentence())
		if g.IntN(6) == 0 {
			n = body.Heading(2, body.Text(phrases[g.IntN(len(phrases))]))
		}
		for _, text := range n.Content {
			count += len([]rune(text.Text))
		}
		blocks = append(blocks, n)
	}
	return body.Doc(blocks...)
}

func (g generator) sentence() body.Node {
	s := ""
	for range 4 + g.IntN(4) {
		s += phrases[g.IntN(len(phrases))]
	}
	return body.Text(s + "。")
}

// generator draws from the random numbers of a seed.
type generator struct{ *rand.Rand }

func (g generator) blocks(count, depth int, inTable bool) []body.Node {
	blocks := make([]body.Node, count)
	for i := range blocks {
		blocks[i] = g.block(depth, inTable)
	}
	return blocks
}

func (g generator) block(depth int, inTable bool) body.Node {
	kind := g.IntN(22)
	if depth >= 4 {
		kind = g.IntN(14)
	}
	switch {
	case kind >= 20:
		return g.media()
	case kind < 8:
		n := body.Paragraph(g.inlines()...)
		n.Align = g.align()
		if g.IntN(12) == 0 {
			n.Dir = body.RightToLeft
		}
		return n
	case kind < 10:
		n := body.Heading(1+g.IntN(6), g.inlines()...)
		n.Align = g.align()
		return n
	case kind < 12:
		return g.image()
	case kind < 13:
		return body.CodeBlock([]string{"", "go", "c++"}[g.IntN(3)], g.code())
	case kind < 14:
		return body.Rule()
	case kind < 15:
		return body.Quote(g.blocks(1+g.IntN(2), depth+1, inTable)...)
	case kind < 17:
		return body.BulletList(g.items(1+g.IntN(3), depth+1)...)
	case kind < 18 || inTable:
		return body.OrderedList(g.IntN(12), g.labelled(g.items(1+g.IntN(3), depth+1))...)
	}
	return g.table(depth)
}

func (g generator) align() body.Align {
	return []body.Align{"", "", "", "", body.AlignCenter, body.AlignRight}[g.IntN(6)]
}

func (g generator) items(count, depth int) []body.Node {
	items := make([]body.Node, count)
	for i := range items {
		items[i] = body.ListItem(body.Paragraph(g.inlines()...))
		if g.IntN(4) == 0 {
			items[i] = body.ListItem(g.blocks(1+g.IntN(2), depth+1, true)...)
		}
		if g.IntN(8) == 0 {
			items[i].Box = []body.Check{body.Unchecked, body.Checked}[g.IntN(2)]
		}
	}
	return items
}

// labelled gives the items of some lists labels.
func (g generator) labelled(items []body.Node) []body.Node {
	if g.IntN(3) == 0 {
		for i := range items {
			items[i].Label = labels[g.IntN(len(labels))]
		}
	}
	return items
}

// media returns a gallery, a player or a file.
func (g generator) media() body.Node {
	kinds := []body.Kind{body.KindVideo, body.KindAudio, body.KindFile, body.KindEmbed}
	at := g.IntN(len(kinds) + 1)
	if at == len(kinds) {
		n := body.Gallery(g.image(), g.image())
		if g.IntN(2) == 0 {
			n.Content = append(n.Content, g.image())
			n.Caption = g.text()
		}
		return n
	}
	n := body.Media(kinds[at], recordings[g.IntN(len(recordings))], "")
	if g.IntN(2) == 0 {
		n.Alt = g.text()
	}
	if n.Kind == body.KindEmbed {
		n.Src = players[g.IntN(len(players))]
	}
	if n.Kind != body.KindFile && g.IntN(2) == 0 {
		n.Caption = g.text()
	}
	if n.Kind == body.KindVideo || n.Kind == body.KindEmbed {
		if g.IntN(2) == 0 {
			n.Poster = addresses[g.IntN(len(addresses))]
		}
		if g.IntN(2) == 0 {
			n.Width, n.Height = 2+g.IntN(1200), 2+g.IntN(1200)
		}
	}
	return n
}

func (g generator) table(depth int) body.Node {
	rows := make([]body.Node, 1+g.IntN(4))
	columns := 1 + g.IntN(4)
	header, ragged := g.IntN(2) == 0, g.IntN(4) == 0
	for i := range rows {
		cells := make([]body.Node, columns)
		for j := range cells {
			cells[j] = g.cell(depth, header && i == 0 || ragged && g.IntN(3) == 0, ragged)
		}
		rows[i] = body.Row(cells...)
	}
	n := body.TableOf(rows...)
	if g.IntN(6) == 0 {
		n.Caption = g.text()
	}
	return n
}

func (g generator) cell(depth int, header, spans bool) body.Node {
	n := body.Cell()
	if header {
		n = body.HeaderCell()
	}
	if spans {
		n.Colspan, n.Rowspan = 1+g.IntN(2), 1+g.IntN(2)
	}
	switch g.IntN(8) {
	case 0: // stays empty
	case 1:
		n.Content = g.blocks(1+g.IntN(2), depth+2, true)
	default:
		n.Content = []body.Node{body.Paragraph(g.inlines()...)}
	}
	return n
}

func (g generator) image() body.Node {
	n := body.Picture(addresses[g.IntN(len(addresses))], "")
	if g.IntN(3) > 0 {
		n.Alt = g.text()
	}
	if g.IntN(3) == 0 {
		n.Caption = g.text()
	}
	if g.IntN(2) == 0 {
		n.Width, n.Height = 2+g.IntN(1200), 2+g.IntN(1200)
	}
	return n
}
