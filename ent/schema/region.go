package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Region is a part of the country whose view of the portal can be chosen.
type Region struct{ ent.Schema }

// Fields of the Region.
func (Region) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("slug").MaxLen(120).NotEmpty(),
		field.String("name").MaxLen(800).NotEmpty(),
		field.Int("position").Default(0),
		at("created_at").fixed(),
		at("updated_at").changing(),
	}
}

// Edges of the Region.
func (Region) Edges() []ent.Edge { return []ent.Edge{edge.To("articles", Article.Type)} }

// Indexes of the Region.
func (Region) Indexes() []ent.Index {
	return []ent.Index{index.Fields("slug").Unique(), index.Fields("position", "id")}
}

// Annotations of the Region.
func (Region) Annotations() []schema.Annotation {
	return []schema.Annotation{Reads{"articles": {}, "articleCount": {}}}
}
