package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/tonggao/tonggao/internal/foundation/optional"
)

// Comment is a reader's comment on an article, or a reply to another comment.
type Comment struct{ ent.Schema }

// Fields of the Comment.
func (Comment) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("article_id").MaxLen(40).Immutable(),
		field.String("parent_id").MaxLen(40).Optional().Nillable().Immutable(),
		field.String("author").GoType(optional.String("")).MaxLen(800).Default("").Comment("the name the reader gave; empty: anonymous"),
		field.Text("text").NotEmpty(),
		field.Enum("status").Values("PENDING", "APPROVED", "REJECTED", "TAKEN_DOWN", "WITHDRAWN").Default("PENDING"),
		field.String("quote_id").MaxLen(40).Optional().Nillable().Immutable().Comment("the comment that it quotes; a reference, so that hidden text is quoted nowhere"),
		field.String("found").GoType(optional.String("")).MaxLen(4000).Default("").Comment("findings of the content checks, for moderators"),
		at("edited_at").optional(),
		field.String("reason").MaxLen(4000).Default("").Comment("of the moderator, for the staff"),
		at("created_at").fixed(),
		at("updated_at").changing(),
		field.String("origin_address").MaxLen(200).Default("").Immutable().Sensitive(),
		field.String("ip_region").GoType(optional.String("")).MaxLen(90).Default("").Immutable().Comment("region of the origin address when it was written: internal/foundation/geoip"),
		field.String("token_id").MaxLen(40).Default("").Immutable().Comment("the token it was written with"),
	}
}

// Edges of the Comment.
func (Comment) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("article", Article.Type).Ref("comments").Field("article_id").Unique().Required().Immutable(),
		edge.To("replies", Comment.Type).Annotations(deleted).
			From("parent").Field("parent_id").Unique().Immutable(),
	}
}

// Indexes of the Comment: the threads of an article, the replies of a comment,
// the moderators' queue, everything, everything under an article.
func (Comment) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("article_id", "parent_id", "created_at", "id", "status"),
		index.Fields("parent_id", "created_at", "id", "status"),
		index.Fields("status", "created_at", "id"),
		index.Fields("created_at", "id", "status"),
		index.Fields("article_id", "created_at", "id", "status"),
		index.Fields("token_id", "created_at"),
	}
}

// Annotations of the Comment.
func (Comment) Annotations() []schema.Annotation {
	return []schema.Annotation{Reads{
		"article": {"article_id"}, "parent": {"parent_id"}, "replies": {}, "quote": {"quote_id"},
		"originIpMasked": {"origin_address"},
	}}
}
