package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Change is one entry of the change log. Rows are only appended (and removed by retention):
// internal/store/changefeed writes them, in the transaction of the change.
type Change struct{ ent.Schema }

// Fields of the Change.
func (Change) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("id").Immutable().StorageKey("seq").Comment("in the order in which rows were inserted; no reader's cursor"),
		field.Int64("position").Optional().Nillable().Comment("in commit order; NULL: committed, not numbered yet (PostgreSQL)"),
		field.String("kind").MaxLen(20).Immutable(),
		field.String("item_type").MaxLen(20).Immutable(),
		field.String("item_id").MaxLen(40).Immutable(),
		field.Int("version").Immutable(),
		field.String("reason").MaxLen(4000).Default("").Immutable(),
		field.Bool("purge").Default(false).Immutable(),
		at("at").fixed(),
		field.String("owner_id").MaxLen(40).Default("").Immutable().Comment("the article of a comment"),
		field.String("place").MaxLen(800).Default("").Immutable().Comment("placement: path|region|terminals; empty: none"),
		field.String("was").MaxLen(800).Default("").Immutable().Comment("placement before"),
		field.Text("beneath").Default("").Immutable().Comment("of a category that moved: itself and its descendants"),
		field.Text("payload").Default("").Immutable().Comment("JSON of the item as of the change; empty for a tombstone"),
	}
}

// Indexes of the Change. The migrations add one of the positions and one of the rows without.
func (Change) Indexes() []ent.Index { return []ent.Index{index.Fields("item_id", "position")} }

// Annotations of the Change.
func (Change) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Annotation{Incremental: new(bool)}}
}
