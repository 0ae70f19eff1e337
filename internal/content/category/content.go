package category

import (
	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/slug"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

// Content is everything of a category that an editor can change.
type Content struct {
	Slug      string          `json:"slug"`
	Name      string          `json:"name"`
	Parent    optional.String `json:"parent"` // empty: a root
	Position  int             `json:"position"`
	Terminals terminal.Set    `json:"terminals"`
}

// contentOf returns what an editor can change of a stored category.
func contentOf(row *ent.Category) Content {
	c := Content{Slug: row.Slug, Name: row.Name, Position: row.Position, Terminals: row.Terminals}
	if row.ParentID != nil {
		c.Parent = optional.String(*row.ParentID)
	}
	return c
}

// content returns the category that in describes.
func (in CreateInput) content() Content {
	c := Content{Name: in.Name, Position: in.Position, Terminals: terminal.Everywhere}
	c.change(UpdateInput{Parent: in.Parent, Slug: in.Slug, Terminals: in.Terminals})
	return c
}

// change applies in to c.
func (c *Content) change(in UpdateInput) {
	if in.Name != nil {
		c.Name = *in.Name
	}
	if in.Parent != nil {
		c.Parent = optional.String(*in.Parent)
	}
	if in.Slug != nil {
		c.Slug = *in.Slug
	}
	if in.Position != nil {
		c.Position = *in.Position
	}
	if in.Terminals != nil {
		c.Terminals = terminal.SetOf(in.Terminals...)
	}
}

// check tidies c, the content of the category with that id, and adds to bad what is wrong
// with it.
func (c *Content) check(bad *fault.Invalid, id string) {
	if c.Slug == "" {
		c.Slug = slug.FromID(id)
	}
	c.Name = input.Name(bad, "name", c.Name)
	if err := slug.Check(c.Slug); err != nil {
		bad.Add("INVALID", "slug", "%v", err)
	}
	if c.Terminals == 0 {
		bad.Add("INVALID", "terminals", "name at least one terminal, or leave them out")
	}
}
