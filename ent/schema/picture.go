package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/tonggao/tonggao/internal/foundation/optional"
)

// Picture records that a publisher, or the editors, uploaded a picture. Its files are in the
// storage of internal/content/media, under its hash; all who uploaded it share them.
type Picture struct{ ent.Schema }

// Fields of the Picture.
func (Picture) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("hash").MaxLen(40).NotEmpty().Immutable().Comment("of what was uploaded: the same file is stored once"),
		field.String("alt").GoType(optional.String("")).MaxLen(4000).Default("").Immutable().Comment("what it shows"),
		field.Bool("animated").Default(false).Immutable(),
		field.JSON("files", []PictureFile{}).Immutable().Comment("the picture itself, then smaller copies, the smallest first"),
		field.String("publisher_id").MaxLen(40).Default("").Immutable().Comment("the publisher whose token uploaded it; empty: the editors'"),
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

// Indexes of the Picture: its address and owner, the list, a publisher's list.
func (Picture) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("hash", "publisher_id").Unique(),
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
