package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

// Category is a node of the tree in which articles are filed.
type Category struct{ ent.Schema }

// Fields of the Category.
func (Category) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("slug").MaxLen(120).NotEmpty(),
		field.String("name").MaxLen(800).NotEmpty(),
		field.Int("position").Default(0).Comment("its place among its siblings"),
		field.Int("terminals").GoType(terminal.Set(0)).Default(int(terminal.Everywhere)),
		at("created_at").fixed(),
		at("updated_at").changing(),
		field.String("parent_id").MaxLen(40).Optional().Nillable(),
	}
}

// Edges of the Category.
func (Category) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("children", Category.Type).
			From("parent").Field("parent_id").Unique(),
		edge.To("articles", Article.Type),
	}
}

// Indexes of the Category.
func (Category) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("slug").Unique(),
		index.Fields("parent_id", "position", "id"),
	}
}

// Annotations of the Category.
func (Category) Annotations() []schema.Annotation {
	return []schema.Annotation{Reads{
		"parent": {"parent_id"}, "breadcrumb": {"parent_id"},
		"children": {}, "articles": {}, "articleCount": {},
	}}
}
