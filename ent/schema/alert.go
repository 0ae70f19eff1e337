package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Alert is an outbox message for the operator's own program (internal/moderation/alert). It
// is written in the transaction of the event and deleted when it was delivered.
type Alert struct{ ent.Schema }

// Fields of the Alert.
func (Alert) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("type").MaxLen(40).Immutable(),
		field.Text("data").Immutable().Comment("JSON; never holds personal data"),
		at("at").fixed(),
		field.Int("tries").Default(0),
		at("due_at").changing(), // when it is delivered or retried
	}
}

// Indexes of the Alert.
func (Alert) Indexes() []ent.Index {
	return []ent.Index{index.Fields("due_at", "id").StorageKey("notice_due_at_id")}
}

// Annotations of the Alert.
func (Alert) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Annotation{Table: "notices"}}
}
