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

// unguardEntities takes back what guardEntities did with "&amp;".
func unguardEntities(s string) string {
	if !strings.Contains(s, "&amp;") {
		return s
	}
	return strings.ReplaceAll(s, "&amp;", "&")
}
