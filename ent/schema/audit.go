package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Audit is one entry of the audit log. Rows are only appended, each with the hash of the
// one before.
type Audit struct{ ent.Schema }

// Fields of the Audit.
func (Audit) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("id").Immutable().StorageKey("position").Comment("1, 2, 3, … without gaps"),
		at("at").fixed(),
		field.String("role").MaxLen(20).Immutable(),
		field.String("actor").MaxLen(800).Default("").Immutable().Comment("the token's id and name"),
		field.String("action").MaxLen(40).Immutable(),
		field.String("item").MaxLen(40).Default("").Immutable().Comment("the id of its object"),
		field.Text("detail").Default("").Immutable().Comment("JSON; never holds personal data"),
		field.String("hash").MaxLen(64).Immutable().Comment("SHA-256 over the hash before and this row, in hexadecimal"),
	}
}

// Indexes of the Audit.
func (Audit) Indexes() []ent.Index { return []ent.Index{index.Fields("item", "id")} }

// Annotations of the Audit.
func (Audit) Annotations() []schema.Annotation {
	return []schema.Annotation{entgql.Skip()}
}
