package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/tonggao/tonggao/internal/foundation/optional"
)

// WebhookAttempt is one attempt to deliver one event.
type WebhookAttempt struct{ ent.Schema }

// Fields of the WebhookAttempt.
func (WebhookAttempt) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("webhook_id").MaxLen(40).Immutable(),
		field.String("event").MaxLen(100).Immutable().Comment("the webhook-id"),
		field.String("type").MaxLen(60).Immutable().Comment("of the event, such as article.published"),
		field.Int("number").Immutable().Comment("1 is the first"),
		at("at").fixed(),
		field.Int("milliseconds").Immutable(),
		field.Enum("outcome").Values("DELIVERED", "FAILED", "SET_ASIDE"),
		field.Int("status").Optional().Nillable().Immutable().Comment("of HTTP; null if there was no response"),
		field.String("error").GoType(optional.String("")).MaxLen(2000).Default("").Immutable(),
		field.String("answer").GoType(optional.String("")).MaxLen(2000).Default("").Immutable().Comment("the beginning of the response body"),
	}
}

// Edges of the WebhookAttempt.
func (WebhookAttempt) Edges() []ent.Edge {
	return []ent.Edge{edge.From("webhook", Webhook.Type).Ref("attempts").Field("webhook_id").Unique().Required().Immutable()}
}

// Indexes of the WebhookAttempt: the log of a webhook, its dead letters, expired rows.
func (WebhookAttempt) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("webhook_id", "at", "id"),
		index.Fields("webhook_id", "outcome", "at", "id"),
		index.Fields("at"),
	}
}
