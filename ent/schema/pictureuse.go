package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// PictureUse records that an article shows a picture, as its cover or in its text.
type PictureUse struct{ ent.Schema }

// Fields of the PictureUse.
func (PictureUse) Fields() []ent.Field {
	return []ent.Field{
		field.String("hash").MaxLen(40).NotEmpty().Comment("the picture's; it need not exist here"),
		field.String("article_id").MaxLen(40),
		field.Bool("down").Default(false).Comment("the article is taken down"),
	}
}

// Edges of the PictureUse.
func (PictureUse) Edges() []ent.Edge {
	return []ent.Edge{edge.From("article", Article.Type).Ref("picture_uses").Field("article_id").Unique().Required()}
}

// Indexes of the PictureUse: whether a picture is withheld; those of an article.
func (PictureUse) Indexes() []ent.Index {
	return []ent.Index{index.Fields("hash", "down"), index.Fields("article_id", "hash").Unique()}
}
