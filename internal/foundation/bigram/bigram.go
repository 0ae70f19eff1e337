// Package bigram is the tokenizer of full-text search on both database engines.
//
// A text is normalised (NFKC, lower case; characters without width and accents that do
// not compose are dropped) and split into runs of Chinese (Han, kana, hangul), of other
// letters, of digits, and of separators. The space that some authors write between Chinese
// and Latin is no separator:
//
//	养老院       -> 养老 老院         the overlapping pairs of a Chinese run
//	养           -> 养               a run of one character is itself
//	Hello 2026   -> hello ꙮ 2026     words, and one Gap for a separator
//	iPhone15     -> iphone 15         letters and digits are two words
//	用 AI养老    -> 用 ai 养 养老     next to a word, a run adds its outer character
//
// A phrase of the query is in the normalised text, and does not cut a word of another
// script, if and only if its tokens follow one another in the tokens of the text: 养老 is
// found in 养老院, AI养 in 用AI养老, phone not in iPhone. A query has no Gap, so that it is
// not found across punctuation. FTS5's unicode61 splits Document at its spaces only, so
// that both engines agree.
//
// The package does not rank, stem, or convert between traditional and simplified forms.
package bigram

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Gap is the token of a separator. FTS5's unicode61 tokenizer takes it for a letter, and
// texts do not contain it: the Cyrillic multiocular O.
const Gap = "ꙮ"

// normalise returns text as it is compared. Marks are dropped because unicode61 would
// split a word at them: those left after NFKC are vowel signs, variation selectors, and
// accents on letters that have no accented form.
func normalise(text string) string {
	if plain, ok := normalisePlain(text); ok {
		return plain
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r < utf8.RuneSelf:
			return lower(r)
		case isHan(r):
			return r
		case unicode.In(r, unicode.Cf, unicode.M):
			return -1
		case r == 'ꙮ':
			return ','
		}
		return unicode.ToLower(unicode.ToUpper(r)) // ς is σ, as for unicode61
	}, norm.NFKC.String(text))
}

// normalisePlain does the same for most Chinese texts in less than half the time: they
// have nothing to compose or to drop, and NFKC would replace only full-width forms. It
// returns false for other texts.
func normalisePlain(text string) (string, bool) {
	b := make([]byte, 0, len(text))
	for i, r := range text {
		switch {
		case r < utf8.RuneSelf:
			b = append(b, byte(lower(r)))
		case isHan(r):
			b = append(b, text[i:i+3]...)
		case '！' <= r && r <= '～':
			b = append(b, byte(lower(r-'！'+'!')))
		case r == '\u3000':
			b = append(b, ' ')
		case isPunctuation(r):
			b = append(b, ',')
		default:
			return "", false
		}
	}
	return string(b), true
}

func lower(ascii rune) rune {
	if 'A' <= ascii && ascii <= 'Z' {
		return ascii + 'a' - 'A'
	}
	return ascii
}

type class int

const (
	gap class = iota
	cjk
	word  // of letters
	digit // a word of digits
)

func isHan(r rune) bool { return 0x4e00 <= r && r <= 0x9fff }

// isPunctuation reports whether r is usual punctuation of Chinese texts.
func isPunctuation(r rune) bool {
	return '\u2010' <= r && r <= '\u2027' || '\u3000' <= r && r <= '\u3004' || '\u3008' <= r && r <= '\u301f'
}

// classOf returns the class of a normalised character.
func classOf(r rune) class {
	switch {
	case isHan(r):
		return cjk
	case r < utf8.RuneSelf:
		if 'a' <= r && r <= 'z' {
			return word
		}
		if '0' <= r && r <= '9' {
			return digit
		}
		return gap
	case isPunctuation(r), !unicode.In(r, unicode.L, unicode.N):
		return gap
	case r == 'ー', unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul): // also 〇 and 々
		return cjk
	}
	return word
}

// run is a part of the normalised text with characters of one class.
type run struct {
	class class
	text  string
}

func (r run) isWord() bool { return r.class == word || r.class == digit }

// runs splits a normalised text.
func runs(text string) []run {
	list := make([]run, 0, len(text)/16+1)
	start, current := 0, gap
	for i, r := range text {
		c := classOf(r)
		if i > 0 && c != current {
			list = append(list, run{current, text[start:i]})
			start = i
		}
		current = c
	}
	if start < len(text) {
		list = append(list, run{current, text[start:]})
	}
	return list
}

// Document returns the tokens of a text, separated by spaces, for a full-text index that
// splits at spaces.
func Document(text string) string { return tokens(joined(runs(normalise(text)))) }

// joined removes the single spaces between Chinese and words.
func joined(list []run) []run {
	out := list[:0]
	for i, r := range list {
		if r.text == " " && i > 0 && i+1 < len(list) && (list[i-1].class == cjk) != (list[i+1].class == cjk) {
			continue
		}
		out = append(out, r)
	}
	return out
}

// tokens returns the tokens of runs.
func tokens(list []run) string {
	var w writer
	for i, r := range list {
		switch r.class {
		case gap:
			w.token(Gap)
		case word, digit:
			w.token(r.text)
		case cjk:
			w.chinese(r.text, i > 0 && list[i-1].isWord(), i+1 < len(list) && list[i+1].isWord())
		}
	}
	return w.String()
}

type writer struct{ strings.Builder }

func (w *writer) token(s string) {
	if w.Len() > 0 {
		w.WriteByte(' ')
	}
	w.WriteString(s)
}

// chinese writes the pairs of a run, and its outer characters next to words.
func (w *writer) chinese(run string, afterWord, beforeWord bool) {
	_, size := utf8.DecodeRuneInString(run)
	if size == len(run) {
		w.token(run)
		return
	}
	if afterWord {
		w.token(run[:size])
	}
	first, second := 0, size // offsets of the characters of a pair
	for second < len(run) {
		_, size = utf8.DecodeRuneInString(run[second:])
		w.token(run[first : second+size])
		first, second = second, second+size
	}
	if beforeWord {
		w.token(run[first:])
	}
}
