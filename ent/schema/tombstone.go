package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Tombstone is an article that was deleted here: what an import must not bring back
// unasked. Its id is the article's.
type Tombstone struct{ ent.Schema }

// Fields of the Tombstone.
func (Tombstone) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("import_key").MaxLen(800).Optional().Nillable().Immutable().Comment("where an import had found it"),
		at("at").fixed(),
	}
}

// Indexes of the Tombstone.
func (Tombstone) Indexes() []ent.Index {
	return []ent.Index{index.Fields("import_key").StorageKey("grave_import_key")}
}

// Annotations of the Tombstone.
func (Tombstone) Annotations() []schema.Annotation {
	return []schema.Annotation{entgql.Skip(), entsql.Annotation{Table: "graves"}}
}
