package body

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Normal returns the document in normal form, in which documents that read the same are
// equal. It drops empty blocks and invisible characters, sorts marks, joins texts with
// equal marks, and replaces every run of spaces by one space. A line end between two
// Chinese characters is not a space. Ambiguous input is left for Validate to refuse.
func (d Document) Normal() Document { return Document{Content: normalBlocks(d.Content, false)} }

func normalBlocks(nodes []Node, inTable bool) []Node {
	var out []Node
	for _, n := range nodes {
		if n = normalBlock(n, inTable); !hollow(n) {
			out = append(out, n)
		}
	}
	return out
}

func normalBlock(n Node, inTable bool) Node {
	switch n.Kind {
	case KindParagraph, KindHeading:
		n.Content = normalInlines(n.Content)
		if inTable {
			n.Align = ""
		}
	case KindOrderedList:
		n.Content = normalBlocks(n.Content, inTable)
		n.Start = normalLabels(n.Start, n.Content)
	case KindListItem:
		n.Label = line(n.Label)
		n.Content = normalBlocks(n.Content, inTable)
	case KindGallery:
		return normalGallery(n)
	case KindVideo, KindAudio, KindFile, KindEmbed:
		n = normalPicture(n)
		if n.Caption = line(n.Caption); n.Kind == KindFile && n.Alt == "" {
			n.Alt = attribute(lastOf(n.Src))
		}
		if poster, ok := SafeURL(n.Poster, ForImage); ok {
			n.Poster = poster
		}
	case KindCodeBlock:
		n.Content = normalCode(n.Content)
	case KindImage:
		n = normalPicture(n)
		n.Caption = line(n.Caption)
	case KindTable:
		n.Caption = line(n.Caption)
		n.Content = normalBlocks(n.Content, true)
	case KindTableHeader, KindTableCell:
		n.Colspan, n.Rowspan = max(1, n.Colspan), max(1, n.Rowspan)
		n.Content = normalBlocks(n.Content, true)
	default:
		n.Content = normalBlocks(n.Content, inTable)
	}
	return n
}

// normalPicture normalises the address, the text and the size of a picture or player.
func normalPicture(n Node) Node {
	n.Alt = attribute(n.Alt)
	if src, ok := SafeURL(n.Src, ForImage); ok {
		n.Src = src
	}
	if n.Width == 0 || n.Height == 0 { // one alone reserves no area on a page
		n.Width, n.Height = 0, 0
	}
	return n
}

// normalGallery returns the gallery, or its image where it has only one.
func normalGallery(n Node) Node {
	n.Content, n.Caption = normalBlocks(n.Content, false), line(n.Caption)
	if len(n.Content) != 1 || n.Content[0].Kind != KindImage {
		return n
	}
	image := n.Content[0]
	image.Caption = line(image.Caption + " " + n.Caption)
	return image
}

// lastOf returns the name of the file that an address leads to.
func lastOf(src string) string {
	path, _, _ := strings.Cut(src, "?")
	path = path[strings.LastIndexByte(path, '/')+1:]
	if plain, err := url.PathUnescape(path); err == nil && plain != "" {
		return plain
	}
	return src
}

// normalLabels completes the labels of a list in which some items have one, and removes
// labels that the list would have without them. It returns the start of the list, which is
// 1 where it has labels.
func normalLabels(start int, items []Node) int {
	if !slices.ContainsFunc(items, func(item Node) bool { return item.Label != "" }) {
		return start
	}
	for i := range items {
		if items[i].Label == "" {
			items[i].Label = strconv.Itoa(start+i) + "."
		}
	}
	first, err := strconv.Atoi(strings.TrimSuffix(items[0].Label, "."))
	usual := err == nil && first >= 0 && first <= maxStart
	for i, item := range items {
		usual = usual && item.Label == strconv.Itoa(first+i)+"."
	}
	if !usual {
		return 1
	}
	for i := range items {
		items[i].Label = ""
	}
	return first
}

// hollow reports whether a node must have content and has none.
func hollow(n Node) bool {
	switch n.Kind {
	case KindParagraph, KindHeading, KindBulletList, KindOrderedList, KindListItem,
		KindBlockquote, KindTable, KindCodeBlock, KindGallery, KindFootnote:
		return len(n.Content) == 0
	case KindTableRow:
		return !slices.ContainsFunc(n.Content, func(cell Node) bool { return len(cell.Content) > 0 })
	}
	return false
}

// normalCode joins the texts of a code block; other content is left for Validate to refuse.
func normalCode(nodes []Node) []Node {
	var text string
	for _, n := range nodes {
		if n.Kind != KindText || len(n.Marks) > 0 {
			return nodes
		}
		text += n.Text
	}
	if text = code(text); text == "" {
		return nil
	}
	return []Node{Text(text)}
}

var markOrder = map[MarkKind]int{
	MarkLink: 1, MarkStrong: 2, MarkEm: 3, MarkUnderline: 4,
	MarkStrike: 5, MarkSub: 6, MarkSup: 7, MarkCode: 8,
}

// normalMarks sorts marks and keeps the first of each kind.
func normalMarks(marks []Mark) []Mark {
	if len(marks) == 0 {
		return nil
	}
	out := slices.Clone(marks)
	for i, m := range out {
		if m.Kind == MarkLink {
			out[i].Title = attribute(m.Title)
			if href, ok := SafeURL(m.Href, ForLink); ok {
				out[i].Href = href
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Mark) int {
		return cmp.Compare(markOrder[a.Kind], markOrder[b.Kind])
	})
	return slices.CompactFunc(out, func(a, b Mark) bool { return a.Kind == b.Kind })
}
