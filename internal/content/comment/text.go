package comment

import (
	"regexp"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/optional"
)

// Limits of what people may write, in characters.
const (
	maxText   = 2000
	maxAuthor = 30
	maxReason = 500
)

// blankLines matches two and more empty lines, which push the comments of others off the screen.
var blankLines = regexp.MustCompile(`\n([ \t\x{3000}]*\n){2,}`)

// checkText returns a text with at most one empty line in a row, and adds to bad what is
// wrong with it.
func checkText(bad *fault.Invalid, field, given string, min, max int) string {
	return blankLines.ReplaceAllString(input.Text(bad, field, given, min, max), "\n\n")
}

// Check returns the text and the author of a comment as Add stores them, and adds to bad
// what is wrong with them. It is for imports.
func Check(bad *fault.Invalid, text string, author optional.String) (string, optional.String) {
	return checkText(bad, "text", text, 1, maxText), optional.String(input.Line(bad, "author", string(author), 0, maxAuthor))
}
