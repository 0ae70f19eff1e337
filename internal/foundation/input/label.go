// Package label says what the short names of things look like: categories,
// regions, publishers.
package input

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// Longest is how many characters a name has at most.
const Longest = 50

// Tidy trims a name.
func Tidy(name string) string { return strings.TrimSpace(name) }

// Check says what is wrong with a tidy name, as a complaint about the field name.
func Check(bad *fault.Invalid, name string) {
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		bad.Add("REQUIRED", "name", "must not be empty")
	case n > Longest:
		bad.Add("TOO_LONG", "name", "has %d characters; at most %d fit", n, Longest)
	case !utf8.ValidString(name), strings.ContainsFunc(name, unicode.IsControl):
		bad.Add("INVALID", "name", "contains control characters; remove them")
	}
}
