package region

import (
	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/slug"
)

// Content is everything of a region that an editor can change.
type Content struct {
	Slug     string `json:"slug"`
	Name     string `json:"name"`
	Position int    `json:"position"`
}

// contentOf returns what an editor can change of a stored region.
func contentOf(row *ent.Region) Content {
	return Content{Slug: row.Slug, Name: row.Name, Position: row.Position}
}

// content returns the region that in describes.
func (in CreateInput) content() Content {
	c := Content{Name: in.Name, Position: in.Position}
	c.change(UpdateInput{Slug: in.Slug})
	return c
}

// change applies in to c.
func (c *Content) change(in UpdateInput) {
	if in.Name != nil {
		c.Name = *in.Name
	}
	if in.Slug != nil {
		c.Slug = *in.Slug
	}
	if in.Position != nil {
		c.Position = *in.Position
	}
}

// check tidies c, the content of the region with that id, and adds to bad what is wrong with
// it.
func (c *Content) check(bad *fault.Invalid, id string) {
	if c.Slug == "" {
		c.Slug = slug.FromID(id)
	}
	c.Name = input.Name(bad, "name", c.Name)
	if err := slug.Check(c.Slug); err != nil {
		bad.Add("INVALID", "slug", "%v", err)
	}
}
