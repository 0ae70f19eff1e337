package pagetext

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	longestHeading = 30 // characters
	sentenceEnd    = "。!?;:,.…、”\"』」)》\uff01\uff1f\uff1b\uff1a\uff0c\uff09"
)

var (
	chapter = regexp.MustCompile(`^(?:[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十百]{1,3}[章节部]分?\s?)`)
	noTitle = regexp.MustCompile(`^(?:图为|上图|下图|图\s*[/\x{FF0F}:\x{FF1A}\d一二三]|[▲△▼])|^(?:本[报网刊台])?(?:记者|通讯员|作者|摄影)(?:[\s:\x{FF1A}/]|$)|(?:摄|供图)$|\d{7,}|@|://`)
)

// looksLikeHeading reports whether a line is short and does not end like a sentence.
func looksLikeHeading(l string) bool {
	last, _ := utf8.DecodeLastRuneInString(l)
	return utf8.RuneCountInString(l) <= longestHeading && !strings.ContainsRune(sentenceEnd, last) &&
		!strings.ContainsAny(l, "。!?\uff01\uff1f") && !noTitle.MatchString(l)
}

// isHeading reports whether line i is a heading by its form and its neighbours: it is
// followed by a paragraph. Several such lines in a row are a list, a poem or a signature,
// unless they are numbered like chapters.
func isHeading(text []string, i int) bool {
	next := i + 1
	switch {
	case next == len(text) || !looksLikeHeading(text[i]):
		return false
	case chapter.MatchString(text[i]):
		return !chapter.MatchString(text[next])
	case i > 0 && looksLikeHeading(text[i-1]) && !chapter.MatchString(text[i-1]):
		return false
	}
	return !looksLikeHeading(text[next])
}
