package htmlin

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/body"
)

// numbering is how a list numbers its items.
type numbering struct {
	style    string // of CSS; empty is decimal
	reversed bool
	start    int
	given    bool // start is given
}

// systems are the numberings of CSS that are not decimal.
var systems = map[string]func(int) string{
	"lower-alpha": lowerAlpha, "lower-latin": lowerAlpha, "upper-alpha": upper(lowerAlpha), "upper-latin": upper(lowerAlpha),
	"lower-roman": lowerRoman, "upper-roman": upper(lowerRoman),
	"cjk-ideographic": chinese, "simp-chinese-informal": chinese, "trad-chinese-informal": chinese, "cjk-decimal": chinese,
	"japanese-informal": chinese, "cjk-heavenly-stem": cycle("甲乙丙丁戊己庚辛壬癸"), "cjk-earthly-branch": cycle("子丑寅卯辰巳午未申酉戌亥"),
	"decimal-leading-zero": func(n int) string { return strings.Repeat("0", max(0, 2-len(strconv.Itoa(n)))) + strconv.Itoa(n) + "." },
}

// typesOf maps the type attribute of old pages to the names of CSS.
var typesOf = map[string]string{"A": "upper-alpha", "a": "lower-alpha", "I": "upper-roman", "i": "lower-roman"}

func upper(f func(int) string) func(int) string {
	return func(n int) string { return strings.ToUpper(f(n)) }
}

func lowerAlpha(n int) string {
	if n < 1 {
		return strconv.Itoa(n) + "."
	}
	s := ""
	for ; n > 0; n = (n - 1) / 26 {
		s = string(rune('a'+(n-1)%26)) + s
	}
	return s + "."
}

func lowerRoman(n int) string {
	if n < 1 || n > 3999 {
		return strconv.Itoa(n) + "."
	}
	s := ""
	for _, step := range []struct {
		value int
		sign  string
	}{{1000, "m"}, {900, "cm"}, {500, "d"}, {400, "cd"}, {100, "c"}, {90, "xc"}, {50, "l"}, {40, "xl"}, {10, "x"}, {9, "ix"}, {5, "v"}, {4, "iv"}, {1, "i"}} {
		for ; n >= step.value; n -= step.value {
			s += step.sign
		}
	}
	return s + "."
}

// chinese writes numbers below 100 as 二十三、, others as digits.
func chinese(n int) string {
	digits := []rune("〇一二三四五六七八九")
	switch {
	case n < 0 || n >= 100:
		return strconv.Itoa(n) + "、"
	case n < 10:
		return string(digits[n]) + "、"
	}
	s := "十"
	if n >= 20 {
		s = string(digits[n/10]) + s
	}
	if n%10 > 0 {
		s += string(digits[n%10])
	}
	return s + "、"
}

func cycle(signs string) func(int) string {
	list := []rune(signs)
	return func(n int) string { return string(list[((n-1)%len(list)+len(list))%len(list)]) + "、" }
}

// number gives the items of a list their numbers: as the start where they are 3. 4. 5.,
// otherwise as labels. The value of an item is in its Start, plus one.
func (l numbering) number(n *body.Node) {
	next, step := l.start, 1
	if l.reversed {
		step = -1
		if !l.given {
			next = len(n.Content)
		}
	}
	system := systems[l.style]
	for i := range n.Content {
		item := &n.Content[i]
		if item.Start > 0 {
			next = item.Start - 1
		}
		if item.Start = 0; i == 0 {
			n.Start = next
		}
		switch {
		case item.Label != "":
		case system != nil:
			item.Label = system(next)
		default:
			item.Label = strconv.Itoa(next) + "." // the normal form removes the usual ones
		}
		next += step
	}
}

// finish numbers the items of a list. A list without numbers whose items print their own
// is an ordered list of them.
func (l numbering) finish(n body.Node) body.Node {
	labelled := 0
	for i := range n.Content {
		if n.Content[i].Label != "" {
			labelled++
		}
	}
	switch {
	case n.Kind == body.KindOrderedList:
		l.number(&n)
	case labelled > 0 && labelled == len(n.Content):
		n.Kind, n.Start = body.KindOrderedList, 1
		l.start = 1
		l.number(&n)
	default:
		for i := range n.Content {
			item := &n.Content[i]
			if item.Start = 0; item.Label != "" { // next to a bullet
				item.Content = append([]body.Node{body.Paragraph(body.Text(item.Label))}, item.Content...)
				item.Label = ""
			}
		}
	}
	return n
}

// printed matches the markers of a numbered list: 一、 第三条 （二） ① 3) A. iv. 1.2
var printed = regexp.MustCompile(`^(?:第?[〇零一二三四五六七八九十百\d]+[条章节款项部分、.．。)）:：]+|` +
	`[(（\[【][〇零一二三四五六七八九十百\da-zA-Z]{1,6}[)）\]】]|[①-⒛㈠-㈩]|\d+(?:[.．]\d+)*[.．、)）]?|(?:[A-Za-z]|[ivxlcIVXLC]+)[.．、)）])$`)

// label gives the open list item the marker that was read for it.
func (b *builder) label() {
	marker := strings.TrimSpace(b.marker)
	top := b.top()
	if marker == "" || top.node.Kind != body.KindListItem || b.state().wordList > 0 || utf8.RuneCountInString(marker) > 20 {
		return
	}
	if len(top.blocks) == 0 && top.node.Label == "" {
		top.node.Label, b.marker = marker, ""
	}
}
