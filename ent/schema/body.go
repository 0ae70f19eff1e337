package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
)

// Body is the document of an article. Its id is the article's.
type Body struct{ ent.Schema }

// Fields of the Body.
func (Body) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("article_id").MaxLen(40).Immutable(),
		field.Text("document").Comment("the canonical JSON of body.Document"),
		field.String("hash").MaxLen(64).Comment("body.Hash of the document: the cache key of rendering"),
	}
}

// Edges of the Body.
func (Body) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("article", Article.Type).Ref("body").Field("article_id").Unique().Required().Immutable(),
	}
}

// Annotations of the Body: every field of it needs the document.
func (Body) Annotations() []schema.Annotation {
	return []schema.Annotation{Reads{}, entsql.Annotation{Table: "bodies"}}
}
