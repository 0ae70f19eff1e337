package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/tonggao/tonggao/internal/foundation/optional"
)

// CaseEvent is one step in the history of a report. Rows are only ever added, in
// the transaction of the step; what was handed in is sealed, and erased with the rest
// that tells of persons.
type CaseEvent struct{ ent.Schema }

// Fields of the CaseEvent.
func (CaseEvent) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("report_id").MaxLen(40).Immutable(),
		field.String("event").MaxLen(20).Immutable(),
		field.String("by").MaxLen(20).Immutable().Comment("REPORTER, MODERATOR, PUBLISHER or CLOCK"),
		field.String("actor").GoType(optional.String("")).MaxLen(800).Default("").Immutable().Comment("the token's name"),
		field.String("from").MaxLen(20).Default("").Immutable(),
		field.String("to").MaxLen(20).Immutable(),
		field.Text("reason").GoType(optional.String("")).Default("").Immutable().Comment("what the actor said; the reporter reads it too"),
		field.Text("material").GoType(optional.String("")).Default("").Immutable().Sensitive().Comment("what was handed in, for moderators"),
		at("due_at").fixed(), // the deadline after it
		at("at").fixed(),
	}
}

// Indexes of the CaseEvent.
func (CaseEvent) Indexes() []ent.Index { return []ent.Index{index.Fields("report_id", "id")} }

// Annotations of the CaseEvent.
func (CaseEvent) Annotations() []schema.Annotation { return []schema.Annotation{Reads{}} }

// Attachment is a file that a reporter handed in: a photograph of a certificate, of an
// identity card, a screenshot, a PDF. Its content is sealed.
type Attachment struct{ ent.Schema }

// Fields of the Attachment.
func (Attachment) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("report_id").MaxLen(40).Immutable(),
		field.String("type").MaxLen(40).Immutable().Comment("by its first bytes, such as image/jpeg"),
		field.Int("size").Immutable().Comment("bytes of the file"),
		field.String("hash").MaxLen(64).Immutable().Sensitive().Comment("keyed hash of the file, to know the same one again"),
		field.Bytes("content").Sensitive().Comment("the file, sealed: internal/seal"),
		field.String("sealed_with").MaxLen(20).Comment("how content begins, to find what an older key sealed"),
		at("at").fixed(),
	}
}

// Indexes of the Attachment.
func (Attachment) Indexes() []ent.Index {
	return []ent.Index{index.Fields("report_id", "id"), index.Fields("sealed_with")}
}

// Annotations of the Attachment.
func (Attachment) Annotations() []schema.Annotation { return []schema.Annotation{Reads{}} }

// Notice is something that an operator's own program is to be told: internal/moderation/alert.
// Its row is written in the transaction of what it tells of, and goes when it was told.
type Notice struct{ ent.Schema }

// Fields of the Notice.
func (Notice) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("type").MaxLen(40).Immutable(),
		field.Text("data").Immutable().Comment("JSON; never holds personal data"),
		at("at").fixed(),
		field.Int("tries").Default(0),
		at("due_at").changing(), // when it is told, or tried again
	}
}

// Indexes of the Notice.
func (Notice) Indexes() []ent.Index { return []ent.Index{index.Fields("due_at", "id")} }

// Annotations of the Notice.
func (Notice) Annotations() []schema.Annotation { return []schema.Annotation{entgql.Skip()} }

// Measure is a takedown: an article or a comment hidden on every path. What was
// hidden stays as it was, for the staff and for the way back.
type Measure struct{ ent.Schema }

// Fields of the Measure.
func (Measure) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("item").MaxLen(40).Immutable().Comment("the id of an article or a comment"),
		field.String("report_id").GoType(optional.String("")).MaxLen(40).Default("").Immutable().Comment("the report that it follows from, if any"),
		field.String("before").MaxLen(20).Immutable().Comment("the item's status before, to which restoring returns"),
		field.String("reason").MaxLen(8000).Immutable(),
		field.String("taken_by").MaxLen(800).Immutable(),
		at("taken_at").fixed(),
		field.String("lift_reason").GoType(optional.String("")).MaxLen(8000).Default(""),
		field.String("lifted_by").MaxLen(800).Default(""),
		at("lifted_at").optional(),
	}
}

// Indexes of the Measure.
func (Measure) Indexes() []ent.Index {
	return []ent.Index{index.Fields("item", "id"), index.Fields("report_id"), index.Fields("lifted_at", "id")}
}

// Annotations of the Measure.
func (Measure) Annotations() []schema.Annotation { return []schema.Annotation{Reads{}} }

// Audit is one line of the record of what people with power did. Rows are only
// ever added, each with the hash of the one before.
type Audit struct{ ent.Schema }

// Fields of the Audit.
func (Audit) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("id").Immutable().StorageKey("position").Comment("1, 2, 3, … without gaps"),
		at("at").fixed(),
		field.String("role").MaxLen(20).Immutable(),
		field.String("actor").MaxLen(800).Default("").Immutable().Comment("the token's id and name"),
		field.String("action").MaxLen(40).Immutable(),
		field.String("item").MaxLen(40).Default("").Immutable().Comment("the id of what it was done to"),
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
