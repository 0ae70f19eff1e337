package report_test

import (
	"context"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/comment"
	kind "github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/foundation/workday"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/moderation/takedown"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// fixture is a portal with something to report, and the service under test.
type fixture struct {
	*portal.Portal
	reports   *report.Service
	takedowns *takedown.Service
	alerts    outbox
	days      int // that the site promises

	publisher, category, article, draft, comment, waiting string // ids
}

var (
	system    = portal.System()
	anonymous = portal.Anonymous("203.0.113.77")
	moderator = as(viewer.Moderator)
)

func as(role viewer.Role) context.Context { return portal.As(role) }

func open(t *testing.T, s *storetest.Store) *fixture {
	t.Helper()
	n := &fixture{Portal: portal.New(t, s), days: 3}
	n.takedowns = takedown.New(takedown.Options{Store: s.Store, Audit: n.Audit, Alerts: &n.alerts, Articles: n.Articles, Comments: n.Comments})
	n.reports = report.New(report.Options{Store: s.Store, Calendar: workday.Official(), Takedowns: n.takedowns, Audit: n.Audit, Alerts: &n.alerts, Terms: n.terms})
	c, now := s.Client(system), s.Clock()
	write := func(status article.Status) *ent.Article {
		row, err := n.NewArticle(status).Save(system)
		check.NoError(t, err)
		check.NoError(t, c.Body.Create().SetID(row.ID).SetArticleID(row.ID).SetDocument(document).SetHash("h").Exec(system))
		return row
	}
	published := write(article.StatusPUBLISHED)
	n.article, n.draft = published.ID, write(article.StatusDRAFT).ID
	n.category, n.publisher = published.CategoryID, published.PublisherID
	n.comment, n.waiting = typeid.New(typeid.Comment, now), typeid.New(typeid.Comment, now)
	for id, status := range map[string]comment.Status{n.comment: comment.StatusAPPROVED, n.waiting: comment.StatusPENDING} {
		check.NoError(t, c.Comment.Create().SetID(id).SetArticleID(n.article).SetText("好").SetStatus(status).
			SetCreatedAt(now).SetUpdatedAt(now).Exec(system))
	}
	return n
}

// terms returns the terms of the site.
func (n *fixture) terms(context.Context) (report.Terms, error) {
	return report.Terms{Handle: n.days, Material: 15, Court: 15}, nil
}

// document is the body of the articles.
const document = `{"version":1,"blocks":[{"type":"paragraph","children":[{"text":"每天中午开饭。"}]}]}`

// complete is the evidence that any kind of report requires.
var complete = &report.EvidenceInput{Claimant: new("林晓"), Address: new("溪口镇北街 3 号"), WorkTitle: new("溪口的早晨"),
	Proof: new("原始照片在我的相机里。"), Truthful: new(true)}

// file files a report with complete evidence.
func (n *fixture) file(t *testing.T, target string, k kind.Kind) *ent.Report {
	t.Helper()
	n.Advance(5 * time.Second) // ids of different stores can be a few seconds ahead of their clocks
	r, err := n.reports.File(anonymous, report.FileInput{Target: target, Kind: k, Statement: "图片是我拍的，没有问过我。",
		Contact: new("lin@example.com"), Evidence: complete})
	check.NoError(t, err)
	return r
}

func restoreInput(item string) takedown.Input {
	return takedown.Input{Item: item, Reason: "核实后恢复。"}
}
