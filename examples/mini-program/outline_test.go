package miniprogram_test

import (
	"fmt"

	"github.com/tonggao/tonggao/internal/body"
)

var elements = map[body.Kind]string{
	body.KindListItem: "li", body.KindBlockquote: "blockquote", body.KindTable: "table", body.KindTableRow: "tr", body.KindTableCell: "td",
	body.KindTableHeader: "th", body.KindImage: "img", body.KindCodeBlock: "pre", body.KindHorizontalRule: "hr",
}

// outlineOf returns a document's structure as elements. Headings begin below the page's own
// title, and have at most three levels.
func outlineOf(d body.Document) (outline []string) {
	highest := 2
	body.Walk(d, func(_ body.Path, n body.Node) bool {
		if n.Kind == body.KindHeading {
			highest = min(highest, n.Level)
		}
		return true
	})
	body.Walk(d, func(_ body.Path, n body.Node) bool {
		name := elements[n.Kind]
		if n.Kind == body.KindHeading {
			name = fmt.Sprintf("h%d", min(max(n.Level+2-highest, 2), 4))
		}
		if name == "" {
			return true
		}
		if n.Colspan > 1 {
			name += fmt.Sprintf(" colspan %d", n.Colspan)
		}
		if n.Rowspan > 1 {
			name += fmt.Sprintf(" rowspan %d", n.Rowspan)
		}
		outline = append(outline, name)
		if n.Kind == body.KindTable && n.Caption != "" {
			outline = append(outline, "caption")
		}
		return true
	})
	return outline
}
