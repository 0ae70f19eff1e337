package htmlin

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/body"
)

// wordItemKind is the kind of a paragraph that is an item of a list in Word. Such nodes
// exist inside of frames only; finish converts them to lists.
const wordItemKind body.Kind = "word_item"

// wordItem returns an item with its level and, where it has a number, its label.
func wordItem(level int, marker string, n body.Node) body.Node {
	item := body.Node{Kind: wordItemKind, Level: level, Content: []body.Node{n}}
	if marker = strings.Trim(marker, " \t\n\u00a0\u3000"); printed.MatchString(marker) && utf8.RuneCountInString(marker) <= 20 {
		item.Label = marker
	}
	return item
}

// foldWordItems converts runs of items to lists.
func foldWordItems(blocks []body.Node) []body.Node {
	var out []body.Node
	for i := 0; i < len(blocks); {
		end := i
		for end < len(blocks) && blocks[end].Kind == wordItemKind {
			end++
		}
		if end > i {
			out = append(out, lists(blocks[i:end])...)
			i = end
			continue
		}
		out = append(out, blocks[i])
		i++
	}
	return out
}

// lists converts a run of items; deeper ones belong to the item before them.
func lists(items []body.Node) []body.Node {
	var out []body.Node
	for i := 0; i < len(items); {
		first := items[i]
		end := i + 1
		for end < len(items) && items[end].Level > first.Level {
			end++
		}
		item := body.ListItem(append(first.Content, lists(items[i+1:end])...)...)
		item.Label = first.Label
		out = appendItem(out, item)
		i = end
	}
	return out
}

// appendItem adds an item to the last list, or starts one of the other kind. The number of
// its first item is that of the list.
func appendItem(out []body.Node, item body.Node) []body.Node {
	if n := len(out); n > 0 && (out[n-1].Kind == body.KindOrderedList) == (item.Label != "") {
		out[n-1].Content = append(out[n-1].Content, item)
		return out
	}
	if item.Label == "" {
		return append(out, body.BulletList(item))
	}
	start, err := strconv.Atoi(strings.TrimSuffix(item.Label, "."))
	if err != nil || start < 0 || start > maxNumber {
		start = 1
	}
	return append(out, body.OrderedList(start, item))
}
