package render

import (
	"strings"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/body"
)

const officialContinued = "（未完，接下篇。）"

// OfficialAccountParts renders the body as the content of one or more articles, each
// within the limit of the platform. A part ends before a heading if there is one in its
// second half. A block that is too long for one part continues in the next.
func OfficialAccountParts(d body.Document, o Options) []string {
	d = o.withLabels(d)
	shift := levelShift(d)
	var parts []string
	for rest := d.Content; len(rest) > 0; {
		w := official{page: page{options: o, shift: shift}}
		html, shown := w.article(rest, officialContinued)
		if shown == len(rest) {
			return append(parts, html)
		}
		if shown == 0 {
			halves, divided := halve(rest[0])
			if !divided {
				return append(parts, html) // one character or picture always fits
			}
			rest = append(halves, rest[1:]...)
			continue
		}
		if cut := lastHeading(rest[:shown+1]); cut > shown/2 {
			w = official{page: page{options: o, shift: shift}, last: cut}
			html, shown = w.article(rest, officialContinued)
		}
		parts, rest = append(parts, html), rest[shown:]
	}
	return parts
}

// lastHeading returns the index of the last heading in blocks, or 0.
func lastHeading(blocks []body.Node) int {
	for i := len(blocks) - 1; i > 0; i-- {
		if blocks[i].Kind == body.KindHeading {
			return i
		}
	}
	return 0
}

// halve divides a block into two that show the same one after the other.
func halve(n body.Node) ([]body.Node, bool) {
	first, second := n, n
	if middle := len(n.Content) / 2; middle > 0 {
		first.Content, second.Content = n.Content[:middle:middle], n.Content[middle:]
		if second.Kind == body.KindOrderedList {
			second.Start += middle
		}
		if n.Kind == body.KindGallery || n.Kind == body.KindTable {
			second.Caption, first.Caption = map[body.Kind]string{body.KindGallery: n.Caption}[n.Kind], map[body.Kind]string{body.KindTable: n.Caption}[n.Kind]
		}
		return []body.Node{first, second}, true
	}
	if len(n.Content) == 1 { // divide what is in it
		halves, ok := halve(n.Content[0])
		if !ok {
			return nil, false
		}
		first.Content, second.Content = halves[:1:1], halves[1:]
		second.Label, second.Box = "", body.NoBox
		return []body.Node{first, second}, true
	}
	if runes := []rune(n.Text); n.Kind == body.KindText && len(runes) > 1 {
		middle := len(runes) / 2
		if end := strings.LastIndexAny(string(runes[:middle]), "。！？；\n"); end > 0 {
			_, size := utf8.DecodeRuneInString(n.Text[end:])
			middle = utf8.RuneCountInString(n.Text[:end+size])
		}
		first.Text, second.Text = string(runes[:middle]), string(runes[middle:])
		return []body.Node{first, second}, true
	}
	return nil, false
}
