package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Tombstone records that an article was deleted here, so that an import does not bring it
// back unasked. Its id is the article's.
type Tombstone struct{ ent.Schema }

// Fields of the Tombstone.
func (Tombstone) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("import_key").MaxLen(800).Optional().Nillable().Immutable().Comment("its key in the source of an import"),
		at("at").fixed(),
	}
}

// Indexes of the Tombstone.
func (Tombstone) Indexes() []ent.Index {
	return []ent.Index{index.Fields("import_key").StorageKey("grave_import_key")}
}

// Annotations of the Tombstone.
func (Tombstone) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Annotation{Table: "graves"}}
}
