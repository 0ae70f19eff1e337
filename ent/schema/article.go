package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

// Article is everything of an article that a list may show. Its document is in
// Body, so that lists stay narrow.
type Article struct{ ent.Schema }

// Fields of the Article.
func (Article) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("slug").MaxLen(120).NotEmpty(),
		field.Enum("status").Values("DRAFT", "PUBLISHED", "UNPUBLISHED", "EXPIRED", "TAKEN_DOWN").Default("DRAFT").
			Comment("PUBLISHED with listed_at in the future is what the API calls SCHEDULED"),
		field.String("title").MaxLen(2400).NotEmpty(),
		field.String("subtitle").GoType(optional.String("")).MaxLen(2400).Default(""),
		field.String("lead").MaxLen(12000).Default(""),
		field.Bool("lead_auto").Default(true).
			Comment("lead is the first 200 characters of the text and follows it"),
		field.String("author").GoType(optional.String("")).MaxLen(1200).Default("").Comment("the byline; empty: anonymous"),
		field.String("source_name").MaxLen(1200).Default(""),
		field.String("source_url").GoType(optional.String("")).MaxLen(2048).Default(""),
		field.String("cover").GoType(optional.String("")).MaxLen(2048).Default(""),
		field.Strings("tags").Default([]string{}).Comment("as shown; Tagging is their index"),
		field.Bool("ai_generated").Default(false),
		field.Bool("sponsored").Default(false),
		field.Bool("comments_open").Default(true),
		field.Int("terminals").GoType(terminal.Set(0)).Default(int(terminal.Everywhere)),
		at("published_at").optional(),
		at("listed_at").changing(), // position in lists: published_at, or created_at if it never was published
		at("expires_at").optional(),
		at("next_at").optional(), // when time alone will show or hide it; internal/content/article/schedule.go
		at("created_at").fixed(),
		at("updated_at").changing(),
		field.Int("version").Default(1).Comment("counts saves; optimistic locking"),
		field.Int64("view_count").Default(0),
		field.Int("comment_count").Default(0).Comment("approved comments, all levels"),
		field.Int64("search_slot").Comment("listed_at made unique: the row of the full-text index, in list order"),
		field.String("origin_address").MaxLen(200).Default("").Sensitive(),
		field.String("ip_region").GoType(optional.String("")).MaxLen(90).Default("").Comment("region of the origin address when it was written: internal/foundation/geoip"),
		field.String("import_key").MaxLen(800).Optional().Nillable().Comment("its key in the source of an import"),
		field.String("category_id").MaxLen(40),
		field.String("region_id").MaxLen(40).Optional().Nillable(),
		field.String("publisher_id").MaxLen(40),
	}
}

// Edges of the Article.
func (Article) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("category", Category.Type).Ref("articles").Field("category_id").Unique().Required(),
		edge.From("region", Region.Type).Ref("articles").Field("region_id").Unique(),
		edge.From("publisher", Publisher.Type).Ref("articles").Field("publisher_id").Unique().Required(),
		edge.To("body", Body.Type).Unique().Annotations(deleted),
		edge.To("comments", Comment.Type).Annotations(deleted),
		edge.To("taggings", Tagging.Type).Annotations(deleted),
		edge.To("picture_uses", PictureUse.Type).Annotations(deleted),
		edge.To("revisions", Revision.Type).Annotations(deleted),
		edge.To("views", ViewDay.Type).Annotations(deleted),
	}
}

// Indexes of the Article: each list the API offers, in each of its orders. The
// status at the end lets a scan skip hidden rows without reading them.
func (Article) Indexes() []ent.Index {
	indexes := []ent.Index{
		index.Fields("slug").Unique(),
		index.Fields("search_slot").Unique(),
		index.Fields("import_key").Unique(),
		index.Fields("status", "listed_at", "id"),
		index.Fields("next_at", "id"),
	}
	for _, order := range []string{"listed_at", "view_count", "updated_at"} {
		indexes = append(indexes, index.Fields(order, "id", "status"))
		for _, owner := range []string{"category_id", "region_id", "publisher_id"} {
			indexes = append(indexes, index.Fields(owner, order, "id", "status"))
		}
	}
	return indexes
}

// Annotations of the Article.
func (Article) Annotations() []schema.Annotation {
	return []schema.Annotation{Reads{
		"status":          {"status", "listed_at", "expires_at"},
		"source":          {"source_name", "source_url"},
		"tags":            {"tags"},
		"category":        {"category_id"},
		"breadcrumb":      {"category_id"},
		"region":          {"region_id"},
		"publisher":       {"publisher_id"},
		"disclaimer":      {"publisher_id"},
		"labels":          {"ai_generated", "sponsored"},
		"labelTexts":      {"ai_generated", "sponsored"},
		"leadIsAutomatic": {"lead_auto"},
		"previous":        {"category_id", "listed_at"},
		"next":            {"category_id", "listed_at"},
		"related":         {"category_id", "tags"},
		"body":            {"ai_generated", "sponsored"},
		"comments":        {},
		"revisions":       {},
		"originIpMasked":  {"origin_address"},
		"url":             {"slug", "terminals", "category_id"},
		"qrCode":          {"slug", "terminals", "category_id"},
		"takedown":        {},
		"coverImage":      {"cover", "publisher_id"},
	}}
}
