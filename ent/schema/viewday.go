package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// ViewDay counts an article's views on one day of Asia/Shanghai.
type ViewDay struct{ ent.Schema }

// Fields of the ViewDay.
func (ViewDay) Fields() []ent.Field {
	return []ent.Field{
		field.String("article_id").MaxLen(40).Immutable(),
		field.Int("day").Immutable().Comment("days since 1970-01-01 in Asia/Shanghai"),
		field.Int64("views"),
	}
}

// Edges of the ViewDay.
func (ViewDay) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("article", Article.Type).Ref("views").Field("article_id").Unique().Required().Immutable(),
	}
}

// Indexes of the ViewDay.
func (ViewDay) Indexes() []ent.Index {
	return []ent.Index{index.Fields("day", "article_id").Unique(), index.Fields("article_id")}
}
