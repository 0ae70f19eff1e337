package comment

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// Limits of what people may write, in characters.
const (
	maxText   = 2000
	maxAuthor = 30
	maxReason = 500
)

// lines are the control characters that a text of several lines may have.
const lines = "\n\t"

// blankLines is two and more empty lines, which push what others say off the screen.
var blankLines = regexp.MustCompile(`\n([ \t\x{3000}]*\n){2,}`)

var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// tidied is the text that was given for a field, without space around it and with at
// most one empty line in a row; what is wrong with it goes into bad. Of the control characters, it may have those
// in controls.
func tidied(bad *fault.Invalid, field string, given *string, least, most int, controls string) string {
	text := ""
	if given != nil {
		text = strings.TrimSpace(blankLines.ReplaceAllString(newlines.Replace(*given), "\n\n"))
	}
	forbidden := func(r rune) bool {
		return unicode.Is(unicode.Bidi_Control, r) || unicode.IsControl(r) && !strings.ContainsRune(controls, r)
	}
	switch n := utf8.RuneCountInString(text); {
	case n < least:
		bad.Add("REQUIRED", field, "must not be empty")
	case n > most:
		bad.Add("TOO_LONG", field, "has %d characters; at most %d fit", n, most)
	case !utf8.ValidString(text), strings.ContainsFunc(text, forbidden):
		bad.Add("INVALID", field, "contains characters that cannot be seen and change what is shown; remove them")
	}
	return text
}
