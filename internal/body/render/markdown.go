package render

import (
	"strconv"
	"strings"

	"github.com/tonggao/tonggao/internal/body"
)

// Markdown is the body as CommonMark with tables and strikethrough. What these
// have no sign for is written in the few tags of HTML that Markdown takes
// along: u, sub, sup, an emphasis that punctuation would break, and tables
// with merged cells. The sizes of images and the alignment are left out.
func Markdown(d body.Document, options ...Options) string {
	d = first(options).labelled(d)
	if d.Empty() {
		return ""
	}
	return markdownBlocks(d.Content) + "\n"
}

// markdownBlocks separates blocks by empty lines. Of lists that follow one
// another every second has other markers, or they would be one list.
func markdownBlocks(nodes []body.Node) string {
	parts := make([]string, len(nodes))
	second := false
	for i, n := range nodes {
		second = i > 0 && nodes[i-1].Kind == n.Kind && !second
		parts[i] = markdownBlock(n, second)
	}
	return strings.Join(parts, "\n\n")
}

func markdownBlock(n body.Node, second bool) string {
	switch n.Kind {
	case body.KindParagraph:
		return markdownInlines(n.Content, "\\\n", "")
	case body.KindHeading:
		return strings.Repeat("#", n.Level) + " " + markdownInlines(n.Content, "<br>", "#")
	case body.KindBulletList, body.KindOrderedList:
		return markdownList(n, second)
	case body.KindBlockquote:
		return indent(markdownBlocks(n.Content), "> ", "> ")
	case body.KindTable:
		return markdownTable(n)
	case body.KindImage:
		return markdownImage(n)
	case body.KindCodeBlock:
		code := n.Code()
		fence := strings.Repeat("`", max(3, longestRun(code, '`')+1))
		return fence + n.Language + "\n" + code + "\n" + fence
	case body.KindHorizontalRule:
		return "___" // the one rule that is no list marker
	}
	return ""
}

func markdownList(n body.Node, second bool) string {
	var out strings.Builder
	for i, item := range n.Content {
		marker := "- "
		switch {
		case n.Kind == body.KindOrderedList && second:
			marker = strconv.Itoa(n.Start+i) + ") "
		case n.Kind == body.KindOrderedList:
			marker = strconv.Itoa(n.Start+i) + ". "
		case second:
			marker = "* "
		}
		if i > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(indent(markdownItem(item), marker, strings.Repeat(" ", len(marker))))
	}
	return out.String()
}

// markdownItem keeps a list tight to the paragraph that it belongs to.
func markdownItem(item body.Node) string {
	if c := item.Content; len(c) == 2 && c[0].Kind == body.KindParagraph &&
		(c[1].Kind == body.KindBulletList || c[1].Kind == body.KindOrderedList && c[1].Start == 1) {
		return markdownBlock(c[0], false) + "\n" + markdownBlock(c[1], false)
	}
	return markdownBlocks(item.Content)
}

// indent puts first before the first line and rest before the others.
func indent(s, first, rest string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		prefix := rest
		if i == 0 {
			prefix = first
		}
		if line == "" {
			prefix = strings.TrimRight(prefix, " ")
		}
		lines[i] = prefix + line
	}
	return strings.Join(lines, "\n")
}

func markdownImage(n body.Node) string {
	return "![" + escapeMarkdown(n.Alt, false, "") + "](" + markdownTarget(n.Src, n.Caption) + ")"
}

// markdownTarget is an address with its title. SafeURL leaves nothing in an
// address that Markdown reads as its end.
func markdownTarget(address, title string) string {
	address = guardEntities(address, "&amp;")
	if title == "" {
		return address
	}
	title = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `|`, `\|`).Replace(title)
	return address + ` "` + escapeEntities(title) + `"`
}

func markdownTable(n body.Node) string {
	header, plain := plainTable(n)
	if !plain {
		w := page{profile: profile{exact: true, titled: true}}
		w.table(n)
		return strings.ReplaceAll(string(w.b), "\n", "&#10;") // an empty line would end the HTML
	}
	columns := len(n.Content[0].Content)
	rows := n.Content
	var out strings.Builder
	if header {
		markdownRow(&out, rows[0])
		rows = rows[1:]
	} else {
		out.WriteString("|" + strings.Repeat("  |", columns) + "\n")
	}
	out.WriteString("|" + strings.Repeat(" --- |", columns))
	for _, row := range rows {
		out.WriteByte('\n')
		markdownRow(&out, row)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func markdownRow(out *strings.Builder, row body.Node) {
	out.WriteByte('|')
	for _, cell := range row.Content {
		out.WriteByte(' ')
		for _, n := range cell.Content {
			if n.Kind == body.KindImage {
				out.WriteString(markdownImage(n))
			} else {
				out.WriteString(markdownInlines(n.Content, "<br>", ""))
			}
		}
		out.WriteString(" |")
	}
	if row.Content[0].Kind == body.KindTableHeader {
		out.WriteByte('\n')
	}
}

// plainTable reports whether Markdown's tables can hold this one, and whether
// its first row is a header: Markdown has one header row, one line a cell.
func plainTable(n body.Node) (header, plain bool) {
	if n.Caption != "" || body.ForLayout(n) {
		return false, false
	}
	header = headRows(n) > 0
	for i, row := range n.Content {
		if len(row.Content) != len(n.Content[0].Content) {
			return false, false
		}
		for _, cell := range row.Content {
			if (cell.Kind == body.KindTableHeader) != (header && i == 0) || !plainCell(cell) {
				return false, false
			}
		}
	}
	return header, true
}

func plainCell(cell body.Node) bool {
	if cell.Colspan > 1 || cell.Rowspan > 1 || len(cell.Content) > 1 {
		return false
	}
	if len(cell.Content) == 0 || cell.Content[0].Kind == body.KindImage {
		return true
	}
	if cell.Content[0].Kind != body.KindParagraph {
		return false
	}
	for _, n := range cell.Content[0].Content {
		if marked(n, body.MarkCode) && strings.ContainsRune(n.Text, '|') {
			return false
		}
	}
	return true
}
