package category

// CreateInput is a new category.
type CreateInput struct {
	Name         string
	Parent, Slug *string
	Position     int
}

// UpdateInput changes a category; what is nil stays.
type UpdateInput struct {
	Category     string
	Name         *string
	Parent, Slug *string
	Position     *int
}
