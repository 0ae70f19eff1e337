package policy

import (
	"cmp"
	"encoding/json"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/attachment"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/reportevent"
	"github.com/tonggao/tonggao/ent/webhook"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/redact"
)

// SealedColumn describes a column that is encrypted at rest.
type SealedColumn struct {
	Entity        string // ent's name for it
	Table, Column string
	Erase         func(value string) string // returns what erasure leaves of a value; nil: no personal data
	Marker        string                    // the column that names the key, where Column holds bytes

	purpose string                                                // what values are bound to, with their row; empty: Column
	open    func(value any, decrypt func(id, text string) string) // decrypts the column in a row or rows of the entity
	text    func(field ent.Value) string                          // of a mutation
	field   func(text string) ent.Value
}

// Purpose returns what a value is bound to: its column and its row. A value that is
// copied elsewhere cannot be decrypted there.
func (c *SealedColumn) Purpose(id string) string { return cmp.Or(c.purpose, c.Column) + " of " + id }

// The sealed columns. A column that holds personal data or a secret belongs here: from
// this table it is encrypted when written and decrypted when read (seal.go), encrypted
// again under a new key (internal/store/seal.go), erased (internal/moderation/privacy)
// and kept erased by imports (internal/sync/importer). TestSealedColumns compares the
// table with ent/schema.
var (
	ArticleAddress = column(ent.TypeArticle, article.Table, article.FieldOriginAddress, redact.Address,
		func(a *ent.Article) (string, *string) { return a.ID, &a.OriginAddress })
	CommentAddress = column(ent.TypeComment, comment.Table, comment.FieldOriginAddress, redact.Address,
		func(c *ent.Comment) (string, *string) { return c.ID, &c.OriginAddress })
	ReportAddress = column(ent.TypeReport, report.Table, report.FieldOriginAddress, redact.Address,
		func(r *ent.Report) (string, *string) { return r.ID, &r.OriginAddress })
	ReportEvidence = column(ent.TypeReport, report.Table, report.FieldEvidence, eraseEvidence,
		func(r *ent.Report) (string, *string) { return r.ID, &r.Evidence })
	EventMaterial = column(ent.TypeReportEvent, reportevent.Table, reportevent.FieldMaterial, eraseAll,
		func(e *ent.ReportEvent) (string, *optional.String) { return e.ID, &e.Material })

	AttachmentContent = &SealedColumn{Entity: ent.TypeAttachment, Table: attachment.Table, Column: attachment.FieldContent, Marker: attachment.FieldSealedWith, Erase: eraseAll}
	WebhookSecret     = &SealedColumn{Entity: ent.TypeWebhook, Table: webhook.Table, Column: webhook.FieldSecret}
	WebhookPrevious   = &SealedColumn{Entity: ent.TypeWebhook, Table: webhook.Table, Column: webhook.FieldPreviousSecret, purpose: webhook.FieldSecret}
)

// SealedColumns returns all columns that are encrypted at rest.
func SealedColumns() []*SealedColumn {
	return []*SealedColumn{ArticleAddress, CommentAddress, ReportAddress, ReportEvidence, EventMaterial,
		AttachmentContent, WebhookSecret, WebhookPrevious}
}

// Automatic reports whether c is encrypted and decrypted by the rules of this package,
// rather than by the service that owns it.
func (c *SealedColumn) Automatic() bool { return c.open != nil }

// column describes a column of the entity T; at returns a row's id and its value.
func column[T any, S ~string](entity, table, name string, erase func(string) string, at func(*T) (string, *S)) *SealedColumn {
	return &SealedColumn{Entity: entity, Table: table, Column: name, Erase: erase,
		open: func(value any, decrypt func(id, text string) string) {
			var rows []*T
			switch value := value.(type) {
			case *T:
				rows = []*T{value}
			case []*T:
				rows = value
			}
			for _, row := range rows {
				id, text := at(row)
				*text = S(decrypt(id, string(*text)))
			}
		},
		text: func(field ent.Value) string {
			text, _ := field.(S)
			return string(text)
		},
		field: func(text string) ent.Value { return S(text) },
	}
}

func eraseAll(string) string { return "" }

// eraseEvidence removes from evidence who reported and what they handed in. What work it
// is about stays. Evidence that cannot be decrypted is dropped as a whole.
func eraseEvidence(value string) string {
	evidence := map[string]any{}
	_ = json.Unmarshal([]byte(value), &evidence) // still encrypted: nothing is kept of it
	for _, personal := range []string{"claimant", "contact", "address", "proof"} {
		delete(evidence, personal)
	}
	kept, _ := json.Marshal(evidence) // what was decoded from JSON always marshals
	return string(kept)
}
