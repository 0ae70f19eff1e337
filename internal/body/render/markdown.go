package render

import (
	"strconv"
	"strings"

	"github.com/tonggao/tonggao/internal/body"
)

// Markdown renders the body as CommonMark with tables and strikethrough. HTML inside of
// the Markdown represents what these cannot: u, sub, sup, emphasis that punctuation would
// break, and tables with merged cells. The sizes of images and the alignment are left out.
func Markdown(d body.Document, options ...Options) string {
	d = first(options).withLabels(d)
	if d.Empty() {
		return ""
	}
	m := &markdown{html: page{profile: profile{exact: true, titled: true, plays: true}}}
	var text strings.Builder
	text.WriteString(m.blocks(d.Content))
	for i, n := range m.noteNodes {
		text.WriteString("\n\n[^" + strconv.Itoa(i+1) + "]: " + m.inlines(n.Content, "<br>", ""))
	}
	m.html.b = nil
	m.html.footnotes("\n\n")
	text.Write(m.html.b)
	return text.String() + "\n"
}

// markdown is Markdown under construction.
type markdown struct {
	html      page // of what Markdown cannot represent
	notes     noteList
	noteNodes []body.Node
}

// blocks separates blocks by empty lines. Consecutive lists alternate between two
// markers, or they would be read as one list.
func (m *markdown) blocks(nodes []body.Node) string {
	parts := make([]string, len(nodes))
	second := false
	for i, n := range nodes {
		second = i > 0 && sameMarkers(nodes[i-1], n) && !second
		parts[i] = m.block(n, second)
	}
	return strings.Join(parts, "\n\n")
}

// sameMarkers reports whether two lists next to each other have the same markers.
func sameMarkers(a, b body.Node) bool {
	isList := func(n body.Node) bool { return n.Kind == body.KindBulletList || n.Kind == body.KindOrderedList }
	return isList(a) && isList(b) && numbered(a) == numbered(b)
}

// numbered reports whether a list has numbers in Markdown. Labels follow bullets.
func numbered(n body.Node) bool { return n.Kind == body.KindOrderedList && !labelled(n) }

func (m *markdown) block(n body.Node, second bool) string {
	switch n.Kind {
	case body.KindParagraph:
		return m.inlines(n.Content, "\\\n", "")
	case body.KindHeading:
		return strings.Repeat("#", n.Level) + " " + m.inlines(n.Content, "<br>", "#")
	case body.KindBulletList, body.KindOrderedList:
		return m.list(n, second)
	case body.KindBlockquote:
		return indent(m.blocks(n.Content), "> ", "> ")
	case body.KindTable:
		return m.table(n)
	case body.KindImage:
		return markdownImage(n)
	case body.KindGallery, body.KindVideo, body.KindAudio, body.KindFile, body.KindEmbed:
		return m.markup(n)
	case body.KindCodeBlock:
		code := n.Code()
		fence := strings.Repeat("`", max(3, longestRun(code, '`')+1))
		return fence + n.Language + "\n" + code + "\n" + fence
	case body.KindHorizontalRule:
		return "___" // the only rule that cannot be read as a list marker
	}
	return ""
}

func (m *markdown) list(n body.Node, second bool) string {
	var out strings.Builder
	for i, item := range n.Content {
		marker := "- "
		switch {
		case numbered(n) && second:
			marker = strconv.Itoa(n.Start+i) + ") "
		case numbered(n):
			marker = strconv.Itoa(n.Start+i) + ". "
		case second:
			marker = "* "
		}
		if i > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(indent(m.item(item), marker, strings.Repeat(" ", len(marker))))
	}
	return out.String()
}

// markdownItem writes an item; a nested list follows its paragraph without an empty line.
func (m *markdown) item(item body.Node) string {
	mark := itemMark(item)
	if mark != "" && !startsLine(item.Content) {
		return strings.TrimSuffix(mark, " ") + "\n\n" + m.blocks(item.Content)
	}
	if c := item.Content; len(c) == 2 && c[0].Kind == body.KindParagraph &&
		(c[1].Kind == body.KindBulletList || c[1].Kind == body.KindOrderedList && c[1].Start == 1) {
		return mark + m.block(c[0], false) + "\n" + m.block(c[1], false)
	}
	return mark + m.blocks(item.Content)
}

// itemMark returns the box and the label of an item.
func itemMark(item body.Node) string {
	mark := map[body.Check]string{body.Checked: "[x] ", body.Unchecked: "[ ] "}[item.Box]
	if label, _ := marker(item); label != "" {
		mark += `<span class="list-marker">` + escapeMarkdown(label, false, "") + "</span>"
	}
	return mark
}

// markup writes a block as HTML in one line: an empty line would end the HTML.
func (m *markdown) markup(n body.Node) string {
	m.html.b = nil
	m.html.block(n)
	return strings.ReplaceAll(string(m.html.b), "\n", "&#10;")
}

// indent prefixes the first line with first and the others with rest.
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

// markdownTarget returns an address with its title. Addresses need no escaping: SafeURL
// encodes the characters that would end them.
func markdownTarget(address, title string) string {
	address = replaceEntities(address, "&amp;")
	if title == "" {
		return address
	}
	title = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `|`, `\|`).Replace(title)
	return address + ` "` + escapeEntities(title) + `"`
}

func (m *markdown) table(n body.Node) string {
	header, plain := plainTable(n)
	if !plain {
		return m.markup(n)
	}
	columns := len(n.Content[0].Content)
	rows := n.Content
	var out strings.Builder
	if header {
		m.row(&out, rows[0])
		rows = rows[1:]
	} else {
		out.WriteString("|" + strings.Repeat("  |", columns) + "\n")
	}
	out.WriteString("|" + strings.Repeat(" --- |", columns))
	for _, row := range rows {
		out.WriteByte('\n')
		m.row(&out, row)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func (m *markdown) row(out *strings.Builder, row body.Node) {
	out.WriteByte('|')
	for _, cell := range row.Content {
		out.WriteByte(' ')
		for _, n := range cell.Content {
			if n.Kind == body.KindImage {
				out.WriteString(markdownImage(n))
			} else {
				out.WriteString(m.inlines(n.Content, "<br>", ""))
			}
		}
		out.WriteString(" |")
	}
	if row.Content[0].Kind == body.KindTableHeader {
		out.WriteByte('\n')
	}
}

// plainTable reports whether the first row is a header, and whether Markdown can represent
// the table: with one header row at most and one line per cell.
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

// plainCell reports whether a cell of a Markdown table can represent cell.
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
