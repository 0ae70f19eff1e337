package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/tonggao/tonggao/internal/foundation/optional"
)

// Picture is a picture that was uploaded. Its files lie in internal/content/media's
// storage, under its hash.
type Picture struct{ ent.Schema }

// Fields of the Picture.
func (Picture) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("hash").MaxLen(40).NotEmpty().Immutable().Comment("of what was uploaded: the same file is the same picture"),
		field.String("alt").GoType(optional.String("")).MaxLen(4000).Default("").Immutable().Comment("what it shows"),
		field.Bool("animated").Default(false).Immutable(),
		field.JSON("files", []PictureFile{}).Immutable().Comment("the picture itself, then smaller copies, the smallest first"),
		field.String("publisher_id").MaxLen(40).Default("").Immutable().Comment("the publisher whose token brought it; empty: the editors'"),
		field.String("uploaded_by").GoType(optional.String("")).MaxLen(800).Default("").Immutable().Comment("the name of the token"),
		at("created_at").fixed(),
	}
}

// PictureFile is one file of a picture.
type PictureFile struct {
	Type   string `json:"type"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Bytes  int    `json:"bytes"`
}

// Indexes of the Picture: its address, the list, a publisher's list.
func (Picture) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("hash").Unique(),
		index.Fields("created_at", "id"),
		index.Fields("publisher_id", "created_at", "id"),
	}
}

// Annotations of the Picture.
func (Picture) Annotations() []schema.Annotation {
	return []schema.Annotation{Reads{
		"url": {"hash", "files"}, "width": {"files"}, "height": {"files"}, "type": {"files"}, "bytes": {"files"}, "variants": {"hash", "files"},
	}}
}

// PictureUse says that an article shows a picture, as its cover or in its text.
type PictureUse struct{ ent.Schema }

// Fields of the PictureUse.
func (PictureUse) Fields() []ent.Field {
	return []ent.Field{
		field.String("hash").MaxLen(40).NotEmpty().Comment("the picture's; it need not be here"),
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
