package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

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
