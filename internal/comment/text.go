package comment

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/fault"
)

// Limits of what people may write, in characters.
const (
	maxText   = 2000
	maxAuthor = 30
	maxReason = 500
)

// lines are the control characters that a text of several lines may have.
const lines = "\n\t"

var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// tidied is the text that was given for a field, without space around it; what
// is wrong with it goes into bad. Of the control characters, it may have those
// in controls.
func tidied(bad *fault.Invalid, field string, given *string, least, most int, controls string) string {
	text := ""
	if given != nil {
		text = strings.TrimSpace(newlines.Replace(*given))
	}
	forbidden := func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune(controls, r) }
	switch n := utf8.RuneCountInString(text); {
	case n < least:
		bad.Add("REQUIRED", field, "must not be empty")
	case n > most:
		bad.Add("TOO_LONG", field, "has %d characters; at most %d fit", n, most)
	case !utf8.ValidString(text), strings.ContainsFunc(text, forbidden):
		bad.Add("INVALID", field, "contains control characters; remove them")
	}
	return text
}
