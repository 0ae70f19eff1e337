package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/tonggao/tonggao/internal/foundation/optional"
)

// Takedown hides an article or a comment on every path. The item is kept as it was, for the
// staff and for restoring it.
type Takedown struct{ ent.Schema }

// Fields of the Takedown.
func (Takedown) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("item").MaxLen(40).Immutable().Comment("the id of an article or a comment"),
		field.String("report_id").GoType(optional.String("")).MaxLen(40).Default("").Immutable().Comment("the report that it follows from, if any"),
		field.String("before").MaxLen(20).Immutable().Comment("the item's status before, which restoring returns to"),
		field.String("reason").MaxLen(8000).Immutable(),
		field.String("taken_by").MaxLen(800).Immutable(),
		at("taken_at").fixed(),
		field.String("lift_reason").GoType(optional.String("")).MaxLen(8000).Default(""),
		field.String("lifted_by").MaxLen(800).Default(""),
		at("lifted_at").optional(),
	}
}

// Indexes of the Takedown.
func (Takedown) Indexes() []ent.Index {
	return []ent.Index{index.Fields("item", "id").StorageKey("measure_item_id"), index.Fields("report_id").StorageKey("measure_report_id"), index.Fields("lifted_at", "id").StorageKey("measure_lifted_at_id"),
		// At most one takedown of an item is in force.
		index.Fields("item").Unique().StorageKey("measure_item").Annotations(entsql.IndexWhere("lifted_at IS NULL"))}
}

// Annotations of the Takedown.
func (Takedown) Annotations() []schema.Annotation {
	return []schema.Annotation{Reads{}, entsql.Annotation{Table: "measures"}}
}
