package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/tonggao/tonggao/internal/foundation/optional"
)

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
		field.String("receipt").MaxLen(40).Immutable().Comment("its holder may follow the case"),
		field.String("reason").GoType(optional.String("")).MaxLen(8000).Default("").Comment("of the decision"),
		at("filed_at").fixed(),
		at("due_at").changing(),
		at("decided_at").optional(), // when it was first decided, in time or not
		at("wakes_at").optional(),   // when time alone moves the case
		field.Int("days_left").Default(0).Comment("working days that were left when the deadline was paused"),
		field.Enum("alarm").Default("NONE").Values("NONE", "DUE_SOON", "OVERDUE", "ESCALATED").Comment("the last one raised for this deadline"),
		at("alarm_at").optional(), // when the next is raised
		field.Int("version").Default(1).Comment("counts events; two decisions at once make a conflict"),
		field.Strings("missing").Default([]string{}).Comment("what the reporter still has to submit"),
		field.Text("evidence").Default("").Sensitive().Comment("JSON of report.Evidence: who claims what, and the proof"),
		field.String("notifier").MaxLen(64).Default("").Immutable().Sensitive().Comment("keyed hash of the claimant and the work"),
		field.String("leader_id").MaxLen(40).Default("").Immutable().Comment("the earlier report of the same, whose decision applies"),
		field.Text("snapshot").Default("").Immutable().Comment("JSON of the target as it was when it was reported; empty where another report holds the same"),
		field.String("snapshot_hash").MaxLen(64).Default("").Immutable().Comment("SHA-256 that identifies the state of the target in the snapshot, in hexadecimal"),
		field.String("origin_address").MaxLen(200).Default("").Immutable().Sensitive(),
		at("erased_at").optional(), // when the reporter's personal data was erased: internal/moderation/privacy
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
		index.Fields("target", "leader_id"),
		index.Fields("target", "snapshot_hash").Annotations(entsql.IndexWhere("length(snapshot) > 0")),
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
		"leader": {"leader_id"}, "snapshot": {"target", "snapshot_hash"}, "joined": {}, "attachments": {},
	}}
}
