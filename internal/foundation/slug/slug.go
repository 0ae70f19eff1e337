// Package slug checks and creates slugs, the last part of the path of an item.
package slug

import (
	"errors"
	"regexp"
	"strings"
)

var form = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

const maxLength = 100

// Check returns what is wrong with a slug.
func Check(s string) error {
	if len(s) > maxLength || !form.MatchString(s) {
		return errors.New("must be lower-case letters and digits in groups joined by single hyphens, at most 100 in all, such as home-care-2026")
	}
	return nil
}

// Extend returns s with the end of an addition, which makes it another slug.
func Extend(s, addition string) string {
	const size = 6
	addition = addition[max(0, len(addition)-size):]
	return strings.Trim(s[:min(len(s), maxLength-size-1)], "-") + "-" + addition
}

// FromID returns a slug for an item that was created without one: its ID without the
// prefix, which is unique and never changes.
func FromID(id string) string {
	_, rest, _ := strings.Cut(id, "_")
	return rest
}
