package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Token authenticates a program or a person. Only a hash of its secret is stored.
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
