package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
)

// ModerationBatch records what a moderator decided at once, so that it can be undone.
type ModerationBatch struct{ ent.Schema }

// Fields of the ModerationBatch.
func (ModerationBatch) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("by").MaxLen(800).Immutable().Comment("the token's id"),
		field.Text("steps").Immutable().Comment("JSON of comment.Step: what each comment was and became"),
		at("at").fixed(),
		at("undone_at").optional(),
	}
}

// Annotations of the ModerationBatch.
func (ModerationBatch) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Annotation{Table: "batches"}}
}
