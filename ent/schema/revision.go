package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Revision is an article as one save left it.
type Revision struct{ ent.Schema }

// Fields of the Revision.
func (Revision) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("article_id").MaxLen(40).Immutable(),
		field.Int("version").Immutable(),
		field.String("title").MaxLen(2400).Immutable(),
		field.Text("content").Immutable().Comment("JSON of everything an editor can change"),
		field.String("saved_by").MaxLen(800).Immutable().Comment("the token's name"),
		at("created_at").fixed(),
	}
}

// Edges of the Revision.
func (Revision) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("article", Article.Type).Ref("revisions").Field("article_id").Unique().Required().Immutable(),
	}
}

// Indexes of the Revision.
func (Revision) Indexes() []ent.Index {
	return []ent.Index{index.Fields("article_id", "version").Unique()}
}

// Annotations of the Revision.
func (Revision) Annotations() []schema.Annotation {
	return []schema.Annotation{Reads{"text": {"content"}}}
}
