package article

import (
	"encoding/json"

	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

// Filter selects articles; see ArticleFilter in the schema.
type Filter struct {
	Category, Region, Publisher, Tag *string
	Exact                            bool
	Nationwide                       *bool
	Terminal                         *terminal.Terminal
	PublishedAfter, PublishedBefore  *instant.Instant
	Status                           *Status
}

// BodyInput is a text in exactly one form.
type BodyInput struct {
	Document json.RawMessage
	HTML     *string
	Markdown *string
}

// SourceInput names where an article was taken from.
type SourceInput struct {
	Name string
	URL  *string
}

// CreateInput describes a new draft.
type CreateInput struct {
	Title                         string
	Body                          BodyInput
	Category                      string
	Publisher, Region, Slug       *string
	Subtitle, Lead, Author, Cover *string
	Source                        *SourceInput
	Tags                          []string
	AIGenerated, Sponsored        bool
	CommentsOpen                  bool
	Terminals                     []terminal.Terminal
	IdempotencyKey                *string
}

// UpdateInput changes an article; what is nil stays.
type UpdateInput struct {
	Article                           string
	Version                           int
	Title                             *string
	Body                              *BodyInput
	Category, Publisher, Region, Slug *string
	Subtitle, Lead, Author, Cover     *string
	Source                            *SourceInput
	Tags                              []string
	AIGenerated, Sponsored            *bool
	CommentsOpen                      *bool
	Terminals                         []terminal.Terminal
	ExpiresAt                         *instant.Instant
}

// PublishInput publishes an article now or at a time, without end or until another.
type PublishInput struct {
	Article       string
	At, ExpiresAt *instant.Instant
}

// UnpublishInput takes an article back.
type UnpublishInput struct {
	Article string
	Reason  *string
}
