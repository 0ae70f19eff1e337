package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Attachment is a file that a reporter submitted: a photograph of a certificate or of an
// identity card, a screenshot, a PDF. Its content is encrypted.
type Attachment struct{ ent.Schema }

// Fields of the Attachment.
func (Attachment) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("report_id").MaxLen(40).Immutable(),
		field.String("type").MaxLen(40).Immutable().Comment("by its first bytes, such as image/jpeg"),
		field.Int("size").Immutable().Comment("bytes of the file"),
		field.String("hash").MaxLen(64).Immutable().Sensitive().Comment("keyed hash of the file, to recognise the same one"),
		field.Bytes("content").Sensitive().Comment("the file, encrypted: internal/foundation/seal"),
		field.String("sealed_with").MaxLen(20).Comment("how content begins, to find files under an older key"),
		at("at").fixed(),
	}
}

// Indexes of the Attachment.
func (Attachment) Indexes() []ent.Index {
	return []ent.Index{index.Fields("report_id", "id"), index.Fields("sealed_with")}
}

// Annotations of the Attachment.
func (Attachment) Annotations() []schema.Annotation { return []schema.Annotation{Reads{}} }
