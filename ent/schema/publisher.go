package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Publisher publishes articles: an organisation, or a person whose name is redacted for
// the public.
type Publisher struct{ ent.Schema }

// Fields of the Publisher.
func (Publisher) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("name").MaxLen(800).NotEmpty(),
		field.Bool("public").Default(false).Comment("the public may see the full name"),
		at("created_at").fixed(),
		at("updated_at").changing(),
	}
}

// Edges of the Publisher.
func (Publisher) Edges() []ent.Edge { return []ent.Edge{edge.To("articles", Article.Type)} }

// Indexes of the Publisher.
func (Publisher) Indexes() []ent.Index {
	return []ent.Index{index.Fields("name"), index.Fields("created_at", "id")}
}

// Annotations of the Publisher: whether a name is redacted depends on public.
func (Publisher) Annotations() []schema.Annotation {
	return []schema.Annotation{Reads{"name": {"name", "public"}, "articles": {}, "articleCount": {}}}
}
