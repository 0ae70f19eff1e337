package publisher

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/fault"
	"github.com/tonggao/tonggao/internal/mask"
)

const maxName = 50 // characters

// Content is everything of a publisher that an editor can change. Its JSON,
// masked, is what the change log keeps.
type Content struct {
	Name   string `json:"name"`
	Public bool   `json:"public"`
}

// contentOf is what an editor can change of a stored publisher.
func contentOf(row *ent.Publisher) Content { return Content{Name: row.Name, Public: row.Public} }

// change makes in's changes to c.
func (c *Content) change(in UpdateInput) {
	if in.Name != nil {
		c.Name = *in.Name
	}
	if in.Public != nil {
		c.Public = *in.Public
	}
}

// check tidies c and says what is wrong with it.
func (c *Content) check() error {
	c.Name = strings.TrimSpace(c.Name)
	var bad fault.Invalid
	switch n := utf8.RuneCountInString(c.Name); {
	case n == 0:
		bad.Add("REQUIRED", "name", "must not be empty")
	case n > maxName:
		bad.Add("TOO_LONG", "name", "has %d characters; at most %d fit", n, maxName)
	case !utf8.ValidString(c.Name), strings.ContainsFunc(c.Name, unicode.IsControl):
		bad.Add("INVALID", "name", "contains control characters; remove them")
	}
	return bad.Err()
}

// masked is c as everybody may see it.
func (c Content) masked() Content {
	if !c.Public {
		c.Name = mask.Name(c.Name)
	}
	return c
}
