package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
)

// Setting is one named value of the installation: the site's facts, the key
// that signs cursors, the last position of the change log.
type Setting struct{ ent.Schema }

// Fields of the Setting.
func (Setting) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").MaxLen(60).NotEmpty().Immutable().StorageKey("name"),
		field.Text("value").Sensitive(),
	}
}
