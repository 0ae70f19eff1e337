package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Tagging finds articles by tag, newest first.
type Tagging struct{ ent.Schema }

// Fields of the Tagging.
func (Tagging) Fields() []ent.Field {
	return []ent.Field{
		field.String("tag").MaxLen(400).NotEmpty(),
		field.String("article_id").MaxLen(40),
		at("listed_at").changing(), // the article's
	}
}

// Edges of the Tagging.
func (Tagging) Edges() []ent.Edge {
	return []ent.Edge{edge.From("article", Article.Type).Ref("taggings").Field("article_id").Unique().Required()}
}

// Indexes of the Tagging.
func (Tagging) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("tag", "listed_at", "article_id"),
		index.Fields("article_id", "tag").Unique(),
	}
}
