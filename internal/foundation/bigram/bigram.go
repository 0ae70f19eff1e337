// Package bigram is the one tokenizer behind search on both engines.
//
// A text is normalised (NFKC, lower case; what has no width and accents that do
// not compose are dropped) and cut into runs of Chinese (Han, kana, hangul), of
// other letters and digits (words), and of whatever separates them:
//
//	养老院       -> 养老 老院         the overlapping pairs of a Chinese run
//	养           -> 养               a run of one character is itself
//	Hello 2026   -> hello ꙮ 2026     words, and one Gap for what separates
//	用AI养老     -> 用 ai 养 养老     beside a word, a run shows its outer character
//
// So a phrase of tokens follows in the tokens of a text exactly where the query
// stands in the text, at the borders of words of other scripts: 养老 is found in
// 养老院, AI养 in 用AI养老, phone not in iPhone. A query has no Gap, so it is never
// found across punctuation. The package refuses to rank, to stem and to convert
// between traditional and simplified forms.
//
// Key invariant: a phrase of the query stands in the normalised text, not cutting
// a word of another script, exactly where its tokens follow in the text's tokens;
// and FTS5's unicode61 cuts Document at its spaces only, so both engines agree.
package bigram

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Gap stands for whatever separates runs. It is a letter to FTS5's unicode61
// tokenizer, and nobody writes it: the Cyrillic multiocular O.
const Gap = "ꙮ"

// normalise is text as it is compared. Marks are dropped because unicode61 would
// cut a word at them: after NFKC those left are vowel signs, selectors of a
// character's shape, and accents on what has no accented letter.
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
			return ' '
		}
		return unicode.ToLower(unicode.ToUpper(r)) // ς is σ, as for unicode61
	}, norm.NFKC.String(text))
}

// normalisePlain is normalise for most Chinese texts, in less than half the time:
// there is nothing to compose or to drop, and NFKC would replace only full width.
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
		case isPunctuation(r):
			b = append(b, ' ')
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
	word
)

func isHan(r rune) bool { return 0x4e00 <= r && r <= 0x9fff }

// isPunctuation reports whether r is of the usual punctuation of Chinese texts.
func isPunctuation(r rune) bool {
	return '\u2010' <= r && r <= '\u2027' || '\u3000' <= r && r <= '\u3004' || '\u3008' <= r && r <= '\u301f'
}

func classOf(r rune) class {
	switch {
	case isHan(r):
		return cjk
	case r < utf8.RuneSelf:
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return word
		}
		return gap
	case isPunctuation(r), !unicode.In(r, unicode.L, unicode.N):
		return gap
	case r == 'ー', unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul): // also 〇 and 々
		return cjk
	}
	return word
}

// run is characters of one class, as a part of the normalised text.
type run struct {
	class class
	text  string
}

// runs cuts a normalised text.
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

// Document is the tokens of a text, separated by spaces, for a full-text index
// that cuts at spaces.
func Document(text string) string {
	list := runs(normalise(text))
	var w writer
	w.Grow(5 * len(text) / 2)
	for i, r := range list {
		switch r.class {
		case gap:
			w.token(Gap)
		case word:
			w.token(r.text)
		case cjk:
			w.chinese(r.text, i > 0 && list[i-1].class == word, i+1 < len(list) && list[i+1].class == word)
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

// chinese writes the pairs of a run, and its outer characters beside words.
func (w *writer) chinese(run string, afterWord, beforeWord bool) {
	_, size := utf8.DecodeRuneInString(run)
	if size == len(run) {
		w.token(run)
		return
	}
	if afterWord {
		w.token(run[:size])
	}
	first, second := 0, size // where a pair's characters begin
	for second < len(run) {
		_, size = utf8.DecodeRuneInString(run[second:])
		w.token(run[first : second+size])
		first, second = second, second+size
	}
	if beforeWord {
		w.token(run[first:])
	}
}
