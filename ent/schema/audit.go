package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Audit is one entry of the audit log. Rows are only appended, and chained each to the one
// before by its hash.
type Audit struct{ ent.Schema }

// Fields of the Audit.
func (Audit) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("id").Immutable().StorageKey("seq").Comment("in the order in which rows were inserted"),
		field.Int64("position").Optional().Nillable().Comment("1, 2, 3, … without gaps; NULL: committed, not chained yet (PostgreSQL)"),
		at("at").fixed(),
		field.String("role").MaxLen(20).Immutable(),
		field.String("actor").MaxLen(800).Default("").Immutable().Comment("the token's id and name"),
		field.String("action").MaxLen(40).Immutable(),
		field.String("item").MaxLen(40).Default("").Immutable().Comment("the id of its object"),
		field.Text("detail").Default("").Immutable().Comment("JSON; never holds personal data"),
		field.String("hash").MaxLen(64).Default("").Immutable().Comment("SHA-256 over the hash before and this row, in hexadecimal"),
	}
}

// Indexes of the Audit.
func (Audit) Indexes() []ent.Index { return []ent.Index{index.Fields("item", "id")} }
