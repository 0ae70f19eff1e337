package privacy

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/attachment"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/reportevent"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	cases "github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Export holds all personal data of one person, for that person (个人信息保护法, art. 45).
type Export struct {
	Token    *ExportedToken    `json:"token,omitempty"`
	Comments []ExportedComment `json:"comments,omitempty"`
	Report   *ExportedReport   `json:"report,omitempty"`
}

// ExportedToken is a reader's token.
type ExportedToken struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	CreatedAt time.Time  `json:"createdAt"`
	EndsAt    *time.Time `json:"endsAt,omitempty"`
}

// ExportedComment is a reader's comment.
type ExportedComment struct {
	ID        string    `json:"id"`
	Article   string    `json:"article"`
	Author    string    `json:"author"`
	Text      string    `json:"text"`
	Status    string    `json:"status"`
	CreatedAt time.Time `json:"createdAt"`
	Address   string    `json:"address"`
}

// ExportedReport is a report with its reporter's material.
type ExportedReport struct {
	Receipt   string          `json:"receipt"`
	Kind      string          `json:"kind"`
	Status    string          `json:"status"`
	FiledAt   time.Time       `json:"filedAt"`
	Statement string          `json:"statement"`
	Evidence  json.RawMessage `json:"evidence,omitempty"`
	Material  []string        `json:"material,omitempty"`
	Files     []ExportedFile  `json:"files,omitempty"`
	Address   string          `json:"address"`
}

// ExportedFile is a reporter's file.
type ExportedFile struct {
	Type    string `json:"type"`
	Content []byte `json:"content"` // in base64
}

// ExportReader returns the personal data of the reader with the token, for the operator. The
// audit log records it.
func (s *Service) ExportReader(ctx context.Context, tokenID string) (*Export, error) {
	e, err := s.readerData(ctx, tokenID)
	if err != nil {
		return nil, err
	}
	return e, s.recordExport(ctx, tokenID)
}

// recordExport writes to the audit log that the personal data behind an item was exported.
func (s *Service) recordExport(ctx context.Context, item string) error {
	return s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		return s.audit.Append(ctx, c, audit.Entry{Action: "EXPORT_PERSON", Item: item})
	})
}

// readerData returns the personal data of the reader with the token.
func (s *Service) readerData(ctx context.Context, tokenID string) (*Export, error) {
	ctx = viewer.AsSystem(ctx)
	row, err := s.readToken(ctx, tokenID)
	if err != nil {
		return nil, err
	}
	e := &Export{Token: &ExportedToken{ID: row.ID, Name: row.Name, CreatedAt: row.CreatedAt.Time()}}
	if row.ExpiresAt != nil {
		e.Token.EndsAt = new(row.ExpiresAt.Time())
	}
	for after, n := "", batch; n == batch; {
		rows, err := s.store.Client(ctx).Comment.Query().Where(comment.TokenID(tokenID), comment.IDGT(after)).Order(comment.ByID()).Limit(batch).All(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the comments of a reader: %w", err)
		}
		for _, m := range rows {
			after = m.ID
			e.Comments = append(e.Comments, ExportedComment{m.ID, m.ArticleID, string(m.Author), m.Text, string(m.Status), m.CreatedAt.Time(), m.OriginAddress})
		}
		n = len(rows)
	}
	return e, nil
}

// ExportViewer returns the personal data of the reader who calls it; nil for other roles.
func (s *Service) ExportViewer(ctx context.Context) (*Export, error) {
	if !policy.Allows(ctx, policy.OwnPersonalData) {
		return nil, nil
	}
	return s.readerData(ctx, viewer.From(ctx).TokenID)
}

// ExportReporter returns the personal data of the reporter of the report with the receipt, for
// the operator. The audit log records it.
func (s *Service) ExportReporter(ctx context.Context, receipt string) (*Export, error) {
	ctx = viewer.AsSystem(ctx)
	c := s.store.Client(ctx)
	r, err := cases.WithReceipt(ctx, s.store, receipt)
	if err != nil {
		return nil, err
	}
	e := &ExportedReport{Receipt: receipt, Kind: string(r.Kind), Status: string(r.Status), FiledAt: r.FiledAt.Time(), Statement: r.Statement, Address: r.OriginAddress}
	if json.Valid([]byte(r.Evidence)) {
		e.Evidence = json.RawMessage(r.Evidence)
	}
	events, err := c.ReportEvent.Query().Where(reportevent.ReportID(r.ID), reportevent.By("REPORTER"), reportevent.MaterialNEQ("")).Order(reportevent.ByID()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the material of a report: %w", err)
	}
	for _, event := range events {
		e.Material = append(e.Material, string(event.Material))
	}
	files, err := c.Attachment.Query().Where(attachment.ReportID(r.ID)).Order(attachment.ByID()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the files of a report: %w", err)
	}
	for _, file := range files {
		content, err := s.store.Keys.OpenBytes(policy.AttachmentContent.Purpose(file.ID), file.Content)
		if err != nil {
			return nil, errEncrypted
		}
		e.Files = append(e.Files, ExportedFile{file.Type, content})
	}
	return &Export{Report: e}, s.recordExport(ctx, r.ID)
}
