package publisher

import (
	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
)

// Content is everything of a publisher that an editor can change.
type Content struct {
	Name   string `json:"name"`
	Public bool   `json:"public"`
}

// contentOf returns what an editor can change of a stored publisher.
func contentOf(row *ent.Publisher) Content { return Content{Name: row.Name, Public: row.Public} }

// change applies in to c.
func (c *Content) change(in UpdateInput) {
	if in.Name != nil {
		c.Name = *in.Name
	}
	if in.Public != nil {
		c.Public = *in.Public
	}
}

// check tidies c and adds to bad what is wrong with it.
func (c *Content) check(bad *fault.Invalid) { c.Name = input.Name(bad, "name", c.Name) }
