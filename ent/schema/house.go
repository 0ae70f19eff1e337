package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Token lets a program or a person in. Only a hash of its secret is kept.
type Token struct{ ent.Schema }

// Fields of the Token.
func (Token) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("name").MaxLen(800).Default(""),
		field.String("role").MaxLen(20).Immutable(),
		field.String("publisher_id").MaxLen(40).Default("").Immutable(),
		field.Enum("trust").Values("EARNED", "TRUSTED", "WAITS").Default("EARNED").Comment("whether its comments wait for a moderator"),
		field.String("hash").MaxLen(64).Immutable().Sensitive(),
		at("created_at").fixed(),
		at("expires_at").optional(),
		at("revoked_at").optional(),
	}
}

// Indexes of the Token.
func (Token) Indexes() []ent.Index { return []ent.Index{index.Fields("hash").Unique()} }

// Annotations of the Token.
func (Token) Annotations() []schema.Annotation { return []schema.Annotation{entgql.Skip()} }

// Setting is one named value of the installation: the site's facts, the key
// that signs cursors, the last position of the change log.
type Setting struct{ ent.Schema }

// Fields of the Setting.
func (Setting) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").MaxLen(60).NotEmpty().Immutable().StorageKey("name"),
		field.Text("value").Sensitive(),
	}
}

// Annotations of the Setting.
func (Setting) Annotations() []schema.Annotation { return []schema.Annotation{entgql.Skip()} }

// Grave is an article that was deleted here: what an import must not bring back
// unasked. Its id is the article's.
type Grave struct{ ent.Schema }

// Fields of the Grave.
func (Grave) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("import_key").MaxLen(800).Optional().Nillable().Immutable().Comment("where an import had found it"),
		at("at").fixed(),
	}
}

// Indexes of the Grave.
func (Grave) Indexes() []ent.Index { return []ent.Index{index.Fields("import_key")} }

// Annotations of the Grave.
func (Grave) Annotations() []schema.Annotation { return []schema.Annotation{entgql.Skip()} }

// Change is one entry of the change log. Rows are only ever added (and removed
// by retention): internal/store/changefeed writes them, in the transaction of the change.
type Change struct{ ent.Schema }

// Fields of the Change.
func (Change) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("id").Immutable().StorageKey("position").Comment("in commit order"),
		field.String("kind").MaxLen(20).Immutable(),
		field.String("item_type").MaxLen(20).Immutable(),
		field.String("item_id").MaxLen(40).Immutable(),
		field.Int("version").Immutable(),
		field.String("reason").MaxLen(4000).Default("").Immutable(),
		field.Bool("purge").Default(false).Immutable(),
		at("at").fixed(),
		field.String("owner_id").MaxLen(40).Default("").Immutable().Comment("the article of a comment"),
		field.String("place").MaxLen(800).Default("").Immutable().Comment("where it stands: path|region|terminals; empty: nowhere"),
		field.String("was").MaxLen(800).Default("").Immutable().Comment("where it stood before"),
		field.Text("beneath").Default("").Immutable().Comment("of a category that moved: what moved with it, itself included"),
		field.Text("payload").Default("").Immutable().Comment("JSON of the item as of the change; empty for a tombstone"),
	}
}

// Indexes of the Change.
func (Change) Indexes() []ent.Index { return []ent.Index{index.Fields("item_id", "id")} }

// Annotations of the Change.
func (Change) Annotations() []schema.Annotation {
	return []schema.Annotation{entgql.Skip(), entsql.Annotation{Incremental: new(bool)}}
}
