package report

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/takedown"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/policy"
)

var errNoReceipt = fault.New(fault.NotFound, "there is no report with this receipt; it looks like R-7KQ2-M9XD-4T8P-WZ3N: check every character")

// byReceipt is the report that a receipt is for. A number that is no receipt is looked
// for all the same, so that the answer takes as long.
func byReceipt(ctx context.Context, c *ent.Client, receipt string) (*ent.Report, error) {
	number, _ := Receipt(receipt)
	r, err := c.Report.Query().Where(report.Receipt(number)).Only(viewer.AsSystem(ctx)) // the receipt is the permission
	if ent.IsNotFound(err) {
		return nil, errNoReceipt
	}
	if err != nil {
		return nil, fmt.Errorf("look up a receipt: %w", err)
	}
	return r, nil
}

// AddMaterial hands in more for a case. When nothing is missing any longer, the clock
// goes on.
func (s *Service) AddMaterial(ctx context.Context, in MaterialInput) (*ent.Report, error) {
	var bad fault.Invalid
	words := ""
	if in.Statement != nil {
		words = said(&bad, "statement", *in.Statement, minStatement, maxStatement)
	}
	Evidence{}.with(in.Contact, in.Evidence, &bad)
	if in.Statement == nil && in.Contact == nil && in.Evidence == nil {
		bad.Add("REQUIRED", "statement", "hand in a statement, a contact or evidence")
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	return s.byReporter(ctx, in.Receipt, func(r *ent.Report) (step, error) {
		evidence, err := EvidenceOf(r)
		if err != nil {
			return step{}, err
		}
		evidence = evidence.with(in.Contact, in.Evidence, &bad)
		do := step{event: AddMaterial, by: Reporter, material: words, evidence: &evidence}
		if r.Status == report.StatusNEEDS_MATERIAL && len(evidence.missing(r.Kind)) == 0 {
			do.event = Complete
		}
		return do, nil
	})
}

// EvidenceOf is what r rests on, for those who may see all of it.
func EvidenceOf(r *ent.Report) (e Evidence, err error) {
	if r.Evidence == "" {
		return e, nil
	}
	if err := json.Unmarshal([]byte(r.Evidence), &e); err != nil {
		return e, fmt.Errorf("read the evidence of %s: %w", r.ID, err)
	}
	return e, nil
}

// Step is what else whoever holds a receipt may do: WITHDRAW, APPEAL, WENT_TO_COURT.
func (s *Service) Step(ctx context.Context, event Event, in ReceiptInput) (*ent.Report, error) {
	var bad fault.Invalid
	words, least := "", minStatement
	if event == Withdraw {
		least = 0
	}
	if in.Statement != nil || least > 0 {
		text := ""
		if in.Statement != nil {
			text = *in.Statement
		}
		words = said(&bad, "statement", text, least, maxStatement)
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	return s.byReporter(ctx, in.Receipt, func(*ent.Report) (step, error) {
		return step{event: event, by: Reporter, material: words}, nil
	})
}

func (s *Service) byReporter(ctx context.Context, receipt string, what func(*ent.Report) (step, error)) (*ent.Report, error) {
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Report, error) {
		r, err := byReceipt(ctx, c, receipt)
		if err != nil {
			return nil, err
		}
		do, err := what(r)
		if err != nil {
			return nil, err
		}
		_, err = s.take(ctx, c, r, do)
		return r, err
	})
}

// Counter is the objection of the publisher whose article was taken down because of
// reports. It goes into each of their cases.
func (s *Service) Counter(ctx context.Context, in CounterInput) error {
	v := viewer.From(ctx)
	if !v.Is(viewer.Publisher) || v.Publisher == "" {
		return policy.Denied(v)
	}
	var bad fault.Invalid
	words := said(&bad, "statement", in.Statement, minStatement, maxStatement)
	evidence := Evidence{}.with(in.Contact, in.Evidence, &bad)
	for _, name := range evidence.missing(report.KindPRIVACY) { // who, how to reach them, why it is no infringement
		bad.Add("REQUIRED", name, "an objection has to state it (信息网络传播权保护条例, art. 16; 民法典, art. 1196)")
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		own, err := c.Article.Query().Where(article.ID(in.Item), article.PublisherID(v.Publisher)).Exist(ctx)
		if err != nil {
			return err
		}
		if !own {
			return fault.New(fault.NotFound, "there is no such article of yours")
		}
		system := viewer.AsSystem(ctx)
		rows, err := c.Report.Query().Where(report.Target(in.Item),
			report.StatusIn(report.StatusMEASURES_TAKEN, report.StatusUPHELD)).Order(ent.Asc(report.FieldID)).All(system)
		if err != nil {
			return err
		}
		held, err := c.Takedown.Query().Where(takedown.Item(in.Item), takedown.LiftedAtIsNil()).Exist(system)
		if err != nil {
			return err
		}
		if len(rows) == 0 || !held {
			bad.Add("NOT_ALLOWED", "item", "it is not down because of a report; write to the portal's contact")
			return bad
		}
		for _, r := range rows {
			if _, err := s.take(ctx, c, r, step{event: Counter, by: Publisher, material: words + "\n" + evidence.String()}); err != nil {
				return err
			}
		}
		return nil
	})
}
