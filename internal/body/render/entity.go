package render

import (
	"strings"
	"unicode"
)

// escapeEntities escapes every & that would be read as the start of an entity.
func escapeEntities(s string) string { return replaceEntities(s, `\&`) }

// replaceEntities writes amp for every & that starts something like an entity.
func replaceEntities(s, amp string) string {
	if !strings.Contains(s, "&") {
		return s
	}
	var out strings.Builder
	for {
		before, after, found := strings.Cut(s, "&")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		end := strings.IndexFunc(after, func(r rune) bool {
			return r != '#' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
		})
		if end > 0 && after[end] == ';' {
			out.WriteString(amp)
		} else {
			out.WriteByte('&')
		}
		s = after
	}
}

// escapeAmpersands writes &amp; for every & before a letter or #: HTML parsers accept
// some entities without a semicolon.
func escapeAmpersands(s string) string {
	if !strings.Contains(s, "&") {
		return s
	}
	var out strings.Builder
	for i := range len(s) {
		out.WriteByte(s[i])
		if s[i] == '&' && i+1 < len(s) && (s[i+1] == '#' || s[i+1]|0x20 >= 'a' && s[i+1]|0x20 <= 'z') {
			out.WriteString("amp;")
		}
	}
	return out.String()
}

// unescapeAmpersands reverses escapeAmpersands.
func unescapeAmpersands(s string) string { return strings.ReplaceAll(s, "&amp;", "&") }
