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
// report because of which the article is down, the first of them at once.
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
	err := s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		if err := s.counterable(ctx, c, in.Item); err != nil {
			return err
		}
		return s.applyToRest(ctx, c, followUp{Target: in.Item}, tr)
	})
	s.wake()
	return err
}

// counterable locks an article and returns an error unless it is down because of a report and
// belongs to the viewer's publisher.
func (s *Service) counterable(ctx context.Context, c *ent.Client, item string) error {
	if err := s.store.LockItems(ctx, c, item); err != nil {
		return err
	}
	own, err := c.Article.Query().Where(article.ID(item), article.PublisherID(policy.OwnPublisher(ctx))).Exist(ctx)
	if err != nil {
		return fmt.Errorf("find the article of a counter-notice: %w", err)
	}
	if !own {
		return fault.New(fault.NotFound, "there is no such article of yours")
	}
	because, err := c.Report.Query().Where(report.Target(item), report.StatusIn(before(Counter, Publisher)...)).Exist(viewer.AsSystem(ctx))
	if err != nil {
		return fmt.Errorf("find the reports of a takedown: %w", err)
	}
	down, err := isDown(ctx, c, item)
	if err != nil {
		return err
	}
	if !because || !down {
		var bad fault.Invalid
		bad.Add("NOT_ALLOWED", "item", "it is not down because of a report; write to the portal's contact")
		return bad
	}
	return nil
}
