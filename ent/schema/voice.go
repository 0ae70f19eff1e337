package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/tonggao/tonggao/internal/foundation/optional"
)

// Comment is what a reader says under an article or under another comment.
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
		field.String("quote_id").MaxLen(40).Optional().Nillable().Immutable().Comment("the comment that it quotes; a reference, so that what is hidden is quoted nowhere"),
		field.String("found").GoType(optional.String("")).MaxLen(4000).Default("").Comment("what the checkers found, for moderators"),
		at("edited_at").optional(),
		field.String("reason").MaxLen(4000).Default("").Comment("the moderator's, for the staff"),
		at("created_at").fixed(),
		at("updated_at").changing(),
		field.String("origin_address").MaxLen(200).Default("").Immutable().Sensitive(),
		field.String("ip_region").GoType(optional.String("")).MaxLen(90).Default("").Immutable().Comment("the region of the origin address when it was written: internal/ipregion"),
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

// Batch is what a moderator decided at once, so that it can be undone.
type Batch struct{ ent.Schema }

// Fields of the Batch.
func (Batch) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("by").MaxLen(800).Immutable().Comment("the token's id"),
		field.Text("steps").Immutable().Comment("JSON of comment.Step: what each comment was and became"),
		at("at").fixed(),
		at("undone_at").optional(),
	}
}

// Annotations of the Batch.
func (Batch) Annotations() []schema.Annotation { return []schema.Annotation{entgql.Skip()} }

// Claim is a write that was made under a key of the client's: internal/store/idempotency.
type Claim struct{ ent.Schema }

// Fields of the Claim.
func (Claim) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").MaxLen(64).NotEmpty().Immutable().Comment("hash of the client, the operation and the key"),
		field.String("input").MaxLen(64).Immutable().Comment("hash of what was written"),
		field.String("wrote").MaxLen(40).Immutable().Comment("the id of what was written"),
		at("at").fixed(),
	}
}

// Indexes of the Claim.
func (Claim) Indexes() []ent.Index { return []ent.Index{index.Fields("at")} }

// Annotations of the Claim.
func (Claim) Annotations() []schema.Annotation { return []schema.Annotation{entgql.Skip()} }

// Report is a complaint about something on the portal.
type Report struct{ ent.Schema }

// Fields of the Report.
func (Report) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.Enum("kind").Immutable().Values("ILLEGAL_INFORMATION", "VIOLATION", "COPYRIGHT", "PRIVACY",
			"DELETION_REQUEST", "IMPERSONATION", "RUMOUR", "OTHER"),
		field.Enum("status").Default("FILED").Values("FILED", "ACCEPTED", "NEEDS_MATERIAL", "MEASURES_TAKEN",
			"COUNTERED", "UPHELD", "RESTORED", "REJECTED", "WITHDRAWN"),
		field.String("target").MaxLen(40).Immutable().Comment("the id of an article, a comment or a publisher"),
		field.Text("statement").Immutable(),
		field.String("receipt").MaxLen(40).Immutable().Comment("whoever holds it may follow the case"),
		field.String("reason").GoType(optional.String("")).MaxLen(8000).Default("").Comment("of the decision"),
		at("filed_at").fixed(),
		at("due_at").changing(),
		at("decided_at").optional(), // when the promise was first kept, or not
		at("wakes_at").optional(),   // when the clock moves the case by itself
		field.Int("days_left").Default(0).Comment("working days that were left when the deadline was paused"),
		field.Enum("alarm").Default("NONE").Values("NONE", "DUE_SOON", "OVERDUE", "ESCALATED").Comment("the last that was raised for this deadline"),
		at("alarm_at").optional(), // when the next is raised
		field.Int("version").Default(1).Comment("counts events; two decisions at once make a conflict"),
		field.Strings("missing").Default([]string{}).Comment("what the reporter still has to hand in"),
		field.Text("evidence").Default("").Sensitive().Comment("JSON of report.Evidence: who claims what, and the proof"),
		field.String("notifier").MaxLen(64).Default("").Immutable().Sensitive().Comment("keyed hash of who notifies of which work"),
		field.String("leader_id").MaxLen(40).Default("").Immutable().Comment("the earlier report of the same, which decides this one"),
		field.Text("snapshot").Default("").Immutable().Comment("JSON of the target as it was when it was reported"),
		field.String("snapshot_hash").MaxLen(64).Default("").Immutable().Comment("SHA-256 of snapshot, in hexadecimal"),
		field.String("origin_address").MaxLen(200).Default("").Immutable().Sensitive(),
		at("erased_at").optional(), // when what tells of its reporter was erased: internal/moderation/privacy
	}
}

// Indexes of the Report: the queue by deadline, all by age, and those on one target.
func (Report) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("receipt").Unique(),
		index.Fields("status", "due_at", "id"),
		index.Fields("due_at", "id", "status"),
		index.Fields("target", "due_at", "id"),
		index.Fields("leader_id", "id"),
		index.Fields("wakes_at"),
		index.Fields("alarm_at"),
		index.Fields("alarm", "due_at", "id"),
		index.Fields("filed_at", "kind"),
		index.Fields("notifier"),
		index.Fields("erased_at", "decided_at"),
	}
}

// Annotations of the Report.
func (Report) Annotations() []schema.Annotation {
	return []schema.Annotation{Reads{
		"overdue": {"status", "due_at"}, "target": {"target"}, "history": {}, "evidence": {"evidence"}, "decisions": {"status", "kind"},
		"leader": {"leader_id"}, "joined": {}, "attachments": {},
	}}
}
