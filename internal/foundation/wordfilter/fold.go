package wordfilter

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

//go:embed simplified.txt
var simplified string

// What a character that is not folded to a letter means to the filter.
const (
	stop    = 0 // ends a phrase: no word continues across it
	nothing = 1 // is ignored
	gap     = 2 // separates the letters of a word, and is skipped
)

// separators are characters that are put between the characters of a word to hide it.
// Sentence punctuation is not included: 枪，支持 does not contain 枪支.
const separators = "*_-.·•‧・~|/\\+=^#@&`'\"…—–−◦∙○●◆◇■□★☆※→←↑↓〜￣=＿"

// lookalikes replaces letters of other scripts that look like Latin ones.
var lookalikes = strings.NewReplacer(
	"а", "a", "в", "b", "е", "e", "ё", "e", "к", "k", "м", "m", "н", "h", "о", "o", "р", "p", "с", "c", "т", "t",
	"у", "y", "х", "x", "і", "i", "ї", "i", "ј", "j", "ѕ", "s", "ԁ", "d", "ԛ", "q", "ԝ", "w", "ɡ", "g", "ı", "i",
	"α", "a", "β", "b", "ε", "e", "η", "n", "ι", "i", "κ", "k", "ν", "v", "ο", "o", "ρ", "p", "τ", "t", "υ", "u", "χ", "x",
)

// folded returns the folding of each character of the Basic Multilingual Plane. The table
// is computed at the first call, in a few milliseconds.
var folded = sync.OnceValue(func() *[1 << 16]uint16 {
	var table [1 << 16]uint16
	for r := range rune(1 << 16) {
		table[r] = uint16(min(slowFold(r), 0xFFFF))
	}
	for line := range strings.Lines(simplified) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		pairs := []rune(strings.TrimSpace(line))
		for i := 0; i+1 < len(pairs); i += 2 {
			table[pairs[i]] = uint16(pairs[i+1])
		}
	}
	for r := range rune(1 << 16) { // a compatibility form of a traditional character
		if to := table[r]; to > gap && table[to] > gap {
			table[r] = table[to]
		}
	}
	return &table
})

// fold returns stop, nothing, gap, or the letter that r is compared as.
func fold(table *[1 << 16]uint16, r rune) rune {
	if r < 1<<16 {
		return rune(table[r])
	}
	if r < 0x20000 || r >= 0xE0000 {
		return slowFold(r)
	}
	return r // rare Chinese characters
}

// slowFold computes fold without the table.
func slowFold(r rune) rune {
	switch {
	case r == utf8.RuneError || r == '\n' || r == '\r':
		return stop
	case unicode.In(r, unicode.Cf, unicode.M) || isFiller(r):
		return nothing
	case strings.ContainsRune(separators, r) || unicode.In(r, unicode.Zs, unicode.Cc):
		return gap
	}
	s := norm.NFKD.String(string(r)) // letters without their accents
	s = lookalikes.Replace(strings.ToLower(s))
	first, size := utf8.DecodeRuneInString(s)
	rest := strings.TrimFunc(s[size:], func(r rune) bool { return unicode.Is(unicode.M, r) })
	switch {
	case rest != "" && !(first == '(' && utf8.RuneCountInString(rest) == 2):
		first = r // one character for several: not a letter in disguise
	case rest != "":
		first, _ = utf8.DecodeRuneInString(rest) // ⑴ ⒜ ㈠
	}
	if !unicode.IsLetter(first) && !unicode.IsNumber(first) {
		return stop
	}
	return first
}

// isFiller reports whether r is a letter without a glyph, or a private one.
func isFiller(r rune) bool {
	switch r {
	case 'ㅤ', 'ᅟ', 'ᅠ', 'ﾠ', '⠀':
		return true
	}
	return unicode.Is(unicode.Co, r)
}

// isLatin reports whether a folded character belongs to words that match as a whole only:
// sex is not found in essex.
func isLatin(r rune) bool { return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' }
