package report

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Counter files a publisher's counter-notice against the takedown of its article, in every
// report because of which the article is down.
func (s *Service) Counter(ctx context.Context, in CounterInput) error {
	if err := policy.Require(ctx, policy.CounterReports); err != nil {
		return err
	}
	var bad fault.Invalid
	statement := input.Text(&bad, "statement", in.Statement, minStatement, maxStatement)
	evidence := Evidence{}.with(in.Contact, in.Evidence, &bad)
	for _, name := range evidence.missing(report.KindPRIVACY) { // identity, contact, and proof that nothing is infringed
		bad.Add("REQUIRED", name, "a counter-notice has to state it (信息网络传播权保护条例, art. 16; 民法典, art. 1196)")
	}
	if err := bad.Err(); err != nil {
		return err
	}
	tr := trigger{event: Counter, by: Publisher, material: statement + "\n" + evidence.String()}
	return s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		rows, err := s.counterable(ctx, c, in.Item)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := s.apply(ctx, c, r, tr); err != nil {
				return err
			}
		}
		return nil
	})
}

// counterable returns the reports because of which an article of the viewer's publisher is
// down.
func (s *Service) counterable(ctx context.Context, c *ent.Client, item string) ([]*ent.Report, error) {
	if err := s.store.LockItems(ctx, c, item); err != nil {
		return nil, err
	}
	if err := s.store.Lock(ctx, c, "SELECT 1 FROM reports WHERE target = $1 ORDER BY id FOR NO KEY UPDATE", item); err != nil {
		return nil, err
	}
	own, err := c.Article.Query().Where(article.ID(item), article.PublisherID(policy.OwnPublisher(ctx))).Exist(ctx)
	if err != nil {
		return nil, fmt.Errorf("find the article of a counter-notice: %w", err)
	}
	if !own {
		return nil, fault.New(fault.NotFound, "there is no such article of yours")
	}
	rows, err := c.Report.Query().Where(report.Target(item), report.StatusIn(report.StatusMEASURES_TAKEN, report.StatusUPHELD)).
		Order(ent.Asc(report.FieldID)).All(viewer.AsSystem(ctx))
	if err != nil {
		return nil, fmt.Errorf("find the reports of a takedown: %w", err)
	}
	down, err := isDown(ctx, c, item)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || !down {
		var bad fault.Invalid
		bad.Add("NOT_ALLOWED", "item", "it is not down because of a report; write to the portal's contact")
		return nil, bad
	}
	return rows, nil
}
