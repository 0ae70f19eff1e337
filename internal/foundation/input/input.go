// Package input checks text that comes from outside: over the API, from the command
// line, from archives and configuration. Every text field of the product is checked
// here, so that every entry point accepts the same texts.
//
// A Line has no line breaks; a Text may have them. Both must be valid UTF-8, must have
// something visible where they are required, and may hold neither control characters
// nor characters that override the direction of the text around them
// (https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing). Lengths count
// characters (Unicode code points), after white space at both ends was removed.
package input

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// MaxName is the most characters that the name of a category, region or publisher has.
const MaxName = 50

// Line returns value, trimmed, and adds to bad what is wrong with it as one line of
// min to max characters. Field is the dotted path of the input, such as "source.name".
func Line(bad *fault.Invalid, field, value string, min, max int) string {
	value = strings.TrimSpace(value)
	check(bad, field, value, min, max, "")
	return value
}

// Text returns value, trimmed and with \n as its only line break, and adds to bad what
// is wrong with it as text of min to max characters. Tabs are allowed.
func Text(bad *fault.Invalid, field, value string, min, max int) string {
	value = strings.TrimSpace(lineBreaks.Replace(value))
	check(bad, field, value, min, max, "\n\t")
	return value
}

// Name returns value, trimmed, and adds to bad what is wrong with it as the name of a
// category, region or publisher.
func Name(bad *fault.Invalid, field, value string) string { return Line(bad, field, value, 1, MaxName) }

// Instant adds to bad what is wrong with at as a time of content: outside of the years
// 1900 to 2199. Package instant parses no other times; computed ones may be out of range.
func Instant(bad *fault.Invalid, field string, at instant.Instant) {
	if !instant.InRange(at) {
		bad.Add("INVALID", field, "must be in the years 1900 to 2199")
	}
}

// Clean returns text without the characters that Text refuses. Importers use it for
// records that must not be lost over a stray character, such as a moderator's reason.
func Clean(text string) string {
	text = lineBreaks.Replace(strings.ToValidUTF8(text, string(utf8.RuneError)))
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if refused(r, "\n\t") {
			return -1
		}
		return r
	}, text))
}

// Raw reports whether s may be part of a request at all: valid UTF-8 without NUL, which
// PostgreSQL cannot store. The GraphQL scalars, path segments and archives check it.
func Raw(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n")

// check adds to bad the first thing that is wrong with value. Allowed lists the control
// characters that it may have.
func check(bad *fault.Invalid, field, value string, min, max int, allowed string) {
	switch n := utf8.RuneCountInString(value); {
	case !utf8.ValidString(value):
		bad.Add("INVALID", field, "is not valid UTF-8")
	case strings.ContainsFunc(value, func(r rune) bool { return refused(r, allowed) }):
		bad.Add("INVALID", field, "contains control characters or direction overrides; remove them")
	case n > max:
		bad.Add("TOO_LONG", field, "has %d characters; at most %d fit", n, max)
	case !visible(value) && (min > 0 || n > 0):
		bad.Add("REQUIRED", field, "must not be empty")
	case n < min:
		bad.Add("INVALID", field, "has %d characters; give at least %d", n, min)
	}
}

// refused reports whether r is a control character that is not allowed, a line
// separator or a direction override.
func refused(r rune, allowed string) bool {
	switch {
	case unicode.IsControl(r):
		return !strings.ContainsRune(allowed, r)
	case r == '\u2028', r == '\u2029':
		return true
	}
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// visible reports whether text has a visible character.
func visible(text string) bool { return strings.ContainsFunc(text, shows) }

// shows reports whether r is a visible character.
func shows(r rune) bool {
	switch r {
	case '\u115f', '\u1160', '\u17b4', '\u17b5', '\u2800', '\u3164', '\uffa0': // letters and symbols without a glyph
		return false
	}
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Mn, r) && !unicode.Is(unicode.Variation_Selector, r)
}
