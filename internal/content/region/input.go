package region

// CreateInput describes a new region.
type CreateInput struct {
	Name           string
	Slug           *string
	Position       int
	IdempotencyKey *string
}

// UpdateInput changes a region; what is nil stays.
type UpdateInput struct {
	Region   string
	Name     *string
	Slug     *string
	Position *int
}
