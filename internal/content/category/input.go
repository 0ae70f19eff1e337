package category

import "github.com/tonggao/tonggao/internal/foundation/terminal"

// CreateInput describes a new category.
type CreateInput struct {
	Name         string
	Parent, Slug *string
	Position     int
	Terminals    []terminal.Terminal

	IdempotencyKey *string
}

// UpdateInput changes a category; what is nil stays.
type UpdateInput struct {
	Category     string
	Name         *string
	Parent, Slug *string
	Position     *int
	Terminals    []terminal.Terminal
}
