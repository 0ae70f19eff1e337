package graph

import (
	"context"
	"encoding/json"

	"github.com/tonggao/tonggao/ent"
	entreport "github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/moderation/report"
)

func (r *queryResolver) Reports(ctx context.Context, filter *report.Filter, first *int, after *string, last *int, before *string) (*report.Connection, error) {
	return r.Resolver.Reports.List(ctx, filter, request(ctx, first, after, last, before))
}

func (r *queryResolver) ReportStatus(ctx context.Context, receipt string) (*report.Case, error) {
	return orNull(r.Resolver.Reports.Status(ctx, receipt))
}

func (r *queryResolver) ReportFigures(ctx context.Context, from, until instant.Instant) (*report.Figures, error) {
	return r.Resolver.Reports.Figures(ctx, from, until)
}

func reportID(c *ent.Report) string { return c.ID }

func (r *reportResolver) Overdue(_ context.Context, c *ent.Report) (bool, error) {
	return report.Overdue(c, r.Clock()), nil
}

func (r *reportResolver) DueSoon(_ context.Context, c *ent.Report) (bool, error) {
	return report.DueSoon(c, r.Clock()), nil
}

func (r *reportResolver) Target(ctx context.Context, c *ent.Report) (model.Node, error) {
	targetOf := func(c *ent.Report) string { return c.Target }
	return loadBatch(ctx, c.Group, c, c.Target, byIDs(targetOf, r.nodes))
}

func (r *reportResolver) Leader(ctx context.Context, c *ent.Report) (*ent.Report, error) {
	leaderOf := func(c *ent.Report) string { return c.LeaderID }
	return loadBatch(ctx, c.Group, c, c.LeaderID, byIDs(leaderOf, r.Reports.ByIDs))
}

func (r *reportResolver) Snapshot(ctx context.Context, c *ent.Report) (json.RawMessage, error) {
	return loadBatch(ctx, c.Group, c, c.ID, r.Reports.Snapshots)
}

func (r *reportResolver) Evidence(_ context.Context, c *ent.Report) (*report.Evidence, error) {
	evidence, err := report.EvidenceOf(c)
	if err != nil {
		return nil, err
	}
	return evidence.Masked(), nil
}

func (r *reportResolver) History(ctx context.Context, c *ent.Report) ([]*ent.ReportEvent, error) {
	steps, err := loadBatch(ctx, c.Group, c, c.ID, byIDs(reportID, r.Reports.Histories))
	return orEmpty(steps), err
}

func (r *reportResolver) Attachments(ctx context.Context, c *ent.Report) ([]*ent.Attachment, error) {
	files, err := loadBatch(ctx, c.Group, c, c.ID, byIDs(reportID, r.Reports.Attachments))
	return orEmpty(files), err
}

func (r *reportStatusResolver) Attachments(ctx context.Context, c *report.Case) ([]*ent.Attachment, error) {
	files, err := r.Reports.AttachmentsOf(ctx, c)
	return orEmpty(files), err
}

func (r *reportResolver) Decisions(_ context.Context, c *ent.Report) ([]report.Event, error) {
	return orEmpty(report.Decisions(c)), nil
}

func (r *reportStatusResolver) History(ctx context.Context, c *report.Case) ([]*ent.ReportEvent, error) {
	steps, err := r.Reports.PublicHistory(ctx, c)
	return orEmpty(steps), err
}

func (r *reportEventResolver) From(_ context.Context, e *ent.ReportEvent) (*entreport.Status, error) {
	if e.From == "" {
		return nil, nil
	}
	from := entreport.Status(e.From)
	return &from, nil
}

func (r *reportEventResolver) To(_ context.Context, e *ent.ReportEvent) (entreport.Status, error) {
	return entreport.Status(e.To), nil
}

func (r *mutationResolver) FileReport(ctx context.Context, input report.FileInput) (*model.FileReportPayload, error) {
	if err := r.WriteLimit.Take(ctx, append(input.Evidence.Texts(), &input.Statement, input.Contact)...); err != nil {
		return nil, err
	}
	filed, err := r.Reports.File(ctx, input)
	invalid, err := userErrors(err)
	payload := &model.FileReportPayload{UserErrors: invalid}
	if filed != nil {
		if filed.Receipt != "" {
			payload.Receipt = &filed.Receipt
		}
		payload.Report = report.CaseOf(filed, r.Clock())
	}
	return payload, err
}

func (r *mutationResolver) AddReportMaterial(ctx context.Context, input report.MaterialInput) (*model.ReportCasePayload, error) {
	if err := r.WriteLimit.Take(ctx, append(input.Evidence.Texts(), input.Statement, input.Contact)...); err != nil {
		return nil, err
	}
	return r.casePayload(r.Reports.AddMaterial(ctx, input))
}

func (r *mutationResolver) WithdrawReport(ctx context.Context, input report.ReceiptInput) (*model.ReportCasePayload, error) {
	return r.casePayload(r.Reports.ActByReceipt(ctx, report.Withdraw, input))
}

func (r *mutationResolver) AppealReport(ctx context.Context, input report.ReceiptInput) (*model.ReportCasePayload, error) {
	return r.casePayload(r.Reports.ActByReceipt(ctx, report.Appeal, input))
}

func (r *mutationResolver) ConfirmLawsuit(ctx context.Context, input report.ReceiptInput) (*model.ReportCasePayload, error) {
	return r.casePayload(r.Reports.ActByReceipt(ctx, report.WentToCourt, input))
}

// casePayload returns the payload of a step by the holder of a receipt.
func (r *mutationResolver) casePayload(c *ent.Report, err error) (*model.ReportCasePayload, error) {
	invalid, err := userErrors(err)
	payload := &model.ReportCasePayload{UserErrors: invalid}
	if c != nil && err == nil {
		payload.Report = report.CaseOf(c, r.Clock())
	}
	return payload, err
}

func (r *mutationResolver) ReviewReport(ctx context.Context, input report.ReviewInput) (*model.ReviewReportPayload, error) {
	c, err := r.Reports.Review(ctx, input)
	invalid, err := userErrors(err)
	return &model.ReviewReportPayload{Report: c, UserErrors: invalid}, err
}

func (r *mutationResolver) CounterReport(ctx context.Context, input report.CounterInput) (*model.CounterReportPayload, error) {
	err := r.Reports.Counter(ctx, input)
	invalid, err := userErrors(err)
	return &model.CounterReportPayload{Taken: err == nil && len(invalid) == 0, UserErrors: invalid}, err
}
