package privacy

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/attachment"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/reportevent"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Copy is everything that is kept of a person, for that person (个人信息保护法, art. 45).
type Copy struct {
	Token    *TokenCopy    `json:"token,omitempty"`
	Comments []CommentCopy `json:"comments,omitempty"`
	Report   *ReportCopy   `json:"report,omitempty"`
}

// TokenCopy is what is kept of a reader.
type TokenCopy struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	CreatedAt time.Time  `json:"createdAt"`
	EndsAt    *time.Time `json:"endsAt,omitempty"`
}

// CommentCopy is a comment of a reader's.
type CommentCopy struct {
	ID        string    `json:"id"`
	Article   string    `json:"article"`
	Author    string    `json:"author"`
	Text      string    `json:"text"`
	Status    string    `json:"status"`
	CreatedAt time.Time `json:"createdAt"`
	Address   string    `json:"address"`
}

// ReportCopy is a report, with what its reporter handed in.
type ReportCopy struct {
	Receipt   string          `json:"receipt"`
	Kind      string          `json:"kind"`
	Status    string          `json:"status"`
	FiledAt   time.Time       `json:"filedAt"`
	Statement string          `json:"statement"`
	Evidence  json.RawMessage `json:"evidence,omitempty"`
	Material  []string        `json:"material,omitempty"`
	Files     []FileCopy      `json:"files,omitempty"`
	Address   string          `json:"address"`
}

// FileCopy is a file that a reporter handed in.
type FileCopy struct {
	Type    string `json:"type"`
	Content []byte `json:"content"` // in base64
}

// CopyOf is what is kept of the reader whose token this is.
func (s *Service) CopyOf(ctx context.Context, tokenID string) (*Copy, error) {
	ctx = viewer.AsSystem(ctx)
	c := s.store.Client(ctx)
	row, err := c.Token.Get(ctx, tokenID)
	if ent.IsNotFound(err) {
		return nil, errNoToken
	}
	if err != nil {
		return nil, fmt.Errorf("look up a token: %w", err)
	}
	is := &Copy{Token: &TokenCopy{ID: row.ID, Name: row.Name, CreatedAt: row.CreatedAt.Time()}}
	if row.ExpiresAt != nil {
		ends := row.ExpiresAt.Time()
		is.Token.EndsAt = &ends
	}
	for after, n := "", batch; n == batch; {
		rows, err := c.Comment.Query().Where(comment.TokenID(tokenID), comment.IDGT(after)).Order(comment.ByID()).Limit(batch).All(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the comments of a reader: %w", err)
		}
		for _, m := range rows {
			after = m.ID
			is.Comments = append(is.Comments, CommentCopy{m.ID, m.ArticleID, string(m.Author), m.Text, string(m.Status), m.CreatedAt.Time(), m.OriginAddress})
		}
		n = len(rows)
	}
	return is, nil
}

// CopyOfMyself is what is kept of the reader who asks; nil for everybody else.
func (s *Service) CopyOfMyself(ctx context.Context) (*Copy, error) {
	v := viewer.From(ctx)
	if v.Role != viewer.Reader || v.TokenID == "" {
		return nil, nil
	}
	return s.CopyOf(ctx, v.TokenID)
}

// CopyOfReport is what is kept of whoever filed the report with this receipt.
func (s *Service) CopyOfReport(ctx context.Context, receipt string) (*Copy, error) {
	ctx = viewer.AsSystem(ctx)
	c := s.store.Client(ctx)
	r, err := c.Report.Query().Where(report.Receipt(receipt)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, errNoReport
	}
	if err != nil {
		return nil, fmt.Errorf("look up a receipt: %w", err)
	}
	is := &ReportCopy{Receipt: r.Receipt, Kind: string(r.Kind), Status: string(r.Status), FiledAt: r.FiledAt.Time(), Statement: r.Statement, Address: r.OriginAddress}
	if json.Valid([]byte(r.Evidence)) {
		is.Evidence = json.RawMessage(r.Evidence)
	}
	steps, err := c.ReportEvent.Query().Where(reportevent.ReportID(r.ID), reportevent.By("REPORTER"), reportevent.MaterialNEQ("")).Order(reportevent.ByID()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read what was handed in: %w", err)
	}
	for _, step := range steps {
		is.Material = append(is.Material, string(step.Material))
	}
	files, err := c.Attachment.Query().Where(attachment.ReportID(r.ID)).Order(attachment.ByID()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the files of a report: %w", err)
	}
	for _, file := range files {
		content, err := s.store.Keys.OpenBytes(policy.AttachmentContent.Purpose(file.ID), file.Content)
		if err != nil {
			return nil, errClosed
		}
		is.Files = append(is.Files, FileCopy{file.Type, content})
	}
	return &Copy{Report: is}, nil
}
