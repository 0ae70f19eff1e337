package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/tonggao/tonggao/internal/foundation/optional"
)

// ReportEvent is one step in the history of a report. Rows are only appended, in the
// transaction of the step; submitted material is encrypted, and erased with the other
// personal data.
type ReportEvent struct{ ent.Schema }

// Fields of the ReportEvent.
func (ReportEvent) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("report_id").MaxLen(40).Immutable(),
		field.String("event").MaxLen(20).Immutable(),
		field.String("by").MaxLen(20).Immutable().Comment("REPORTER, MODERATOR, PUBLISHER or CLOCK"),
		field.String("actor").GoType(optional.String("")).MaxLen(800).Default("").Immutable().Comment("the token's name"),
		field.String("from").MaxLen(20).Default("").Immutable(),
		field.String("to").MaxLen(20).Immutable(),
		field.Text("reason").GoType(optional.String("")).Default("").Immutable().Comment("of the actor; the reporter reads it too"),
		field.Text("material").GoType(optional.String("")).Default("").Immutable().Sensitive().Comment("submitted material, for moderators"),
		at("due_at").fixed(), // the deadline after it
		at("at").fixed(),
	}
}

// Indexes of the ReportEvent.
func (ReportEvent) Indexes() []ent.Index {
	return []ent.Index{index.Fields("report_id", "id").StorageKey("caseevent_report_id_id")}
}

// Annotations of the ReportEvent.
func (ReportEvent) Annotations() []schema.Annotation {
	return []schema.Annotation{Reads{}, entsql.Annotation{Table: "case_events"}}
}
