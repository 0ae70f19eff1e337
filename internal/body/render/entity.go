package render

import (
	"strings"
	"unicode"
)

// escapeEntities keeps &amp; and the like from being read as one character.
func escapeEntities(s string) string { return guardEntities(s, `\&`) }

// guardEntities writes amp for every & that starts what looks like an entity.
func guardEntities(s, amp string) string {
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

// guardAmpersands writes &amp; for every & before a letter or #: readers of
// HTML take some names for entities without their semicolon too.
func guardAmpersands(s string) string {
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

// unguardAmpersands takes back what guardAmpersands did.
func unguardAmpersands(s string) string { return strings.ReplaceAll(s, "&amp;", "&") }
