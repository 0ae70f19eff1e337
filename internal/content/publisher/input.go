package publisher

// CreateInput describes a new publisher.
type CreateInput struct {
	Name           string
	Public         bool
	IdempotencyKey *string
}

// UpdateInput changes a publisher; what is nil stays.
type UpdateInput struct {
	Publisher string
	Name      *string
	Public    *bool
}

// Filter selects publishers; see PublisherFilter in the schema.
type Filter struct{ Public *bool }
