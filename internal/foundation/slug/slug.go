// Package slug says what the last part of an address looks like.
package slug

import (
	"errors"
	"regexp"
	"strings"
)

var form = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

const longest = 100

// Check says what is wrong with a slug.
func Check(s string) error {
	if len(s) > longest || !form.MatchString(s) {
		return errors.New("must be lower-case letters and digits in groups joined by single hyphens, at most 100 in all, such as home-care-2026")
	}
	return nil
}

// FromID makes a slug for what was not given one: the id without its prefix,
// which is unique and never changes.
func FromID(id string) string {
	_, rest, _ := strings.Cut(id, "_")
	return rest
}
