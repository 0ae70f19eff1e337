package render

import (
	"strconv"

	"github.com/tonggao/tonggao/internal/body"
)

// noteList numbers the footnotes of one document. Equal ones have one number.
type noteList struct {
	numbers map[string]int
	notes   []string // keys, in order of their numbers
}

// number returns the number of the note with a key, and whether it is new.
func (l *noteList) number(key string) (number int, fresh bool) {
	if l.numbers == nil {
		l.numbers = map[string]int{}
	}
	if number, known := l.numbers[key]; known {
		return number, false
	}
	l.notes = append(l.notes, key)
	l.numbers[key] = len(l.notes)
	return len(l.notes), true
}

// noteKey returns the key of a footnote.
func noteKey(n body.Node) string {
	text, _ := n.MarshalJSON() // never fails
	return string(text)
}

// noteSign returns the sign of a footnote.
func noteSign(number int) string { return "[" + strconv.Itoa(number) + "]" }

// rubyText returns a text with an annotation on terminals without ruby.
func rubyText(n body.Node) string { return n.Text + "（" + n.Alt + "）" }
