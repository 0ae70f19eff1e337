package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/tonggao/tonggao/internal/foundation/optional"
)

// Webhook is an address that receives changes, and how far they were delivered.
type Webhook struct{ ent.Schema }

// Fields of the Webhook.
func (Webhook) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("name").MaxLen(800).Default(""),
		field.String("url").MaxLen(2000).NotEmpty(),
		field.String("token_id").MaxLen(40).Comment("whose it is"),
		field.String("filter").MaxLen(4000).Default("").Comment("JSON of the filter; empty: everything"),
		field.Enum("state").Values("ACTIVE", "PAUSED", "GONE").Default("ACTIVE"),
		field.String("notice").GoType(optional.String("")).MaxLen(2000).Default("").Comment("why it is not active, for people"),
		field.String("secret").MaxLen(400).Sensitive().Comment("encrypted"),
		field.String("previous_secret").MaxLen(400).Default("").Sensitive().Comment("encrypted; signs too until previous_until"),
		at("previous_until").optional(),
		field.Int64("position").Comment("of the change log: everything up to it is delivered or set aside"),
		field.Int64("base").Default(0).Comment("where its first copy ends"),
		field.String("step").MaxLen(100).Default("").Comment("within the change after position: the last item that is delivered"),
		field.String("entry").MaxLen(40).Default("").Comment("which entry of the change log it stands behind: changefeed.Cursor.Entry"),
		field.Int64("replay_position").Default(0).Comment("like position, of the running replay"),
		field.String("replay_step").MaxLen(100).Default(""),
		field.Int64("replay_until").Default(0).Comment("where that ends; 0: there is none"),
		field.Int("failures").Default(0).Comment("failed attempts at the event that is due"),
		at("due_at").changing(),
		field.String("lease").MaxLen(40).Default("").Comment("the process that delivers to it"),
		at("lease_until").changing(),
		at("created_at").fixed(),
		at("updated_at").changing(),
	}
}

// Edges of the Webhook.
func (Webhook) Edges() []ent.Edge {
	return []ent.Edge{edge.To("attempts", WebhookAttempt.Type).Annotations(deleted)}
}

// Indexes of the Webhook: the list, that of one token, what is due.
func (Webhook) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("created_at", "id"),
		index.Fields("token_id", "created_at", "id"),
		index.Fields("state", "due_at"),
	}
}

// Annotations of the Webhook.
func (Webhook) Annotations() []schema.Annotation {
	return []schema.Annotation{Reads{
		"filter":              {"filter"},
		"previousSecretUntil": {"previous_until"}, "nextAttemptAt": {"state", "failures", "due_at"},
		"replaying": {"replay_until"}, "attempts": {}, "deadLetters": {},
	}}
}
