package policy_test

import (
	"context"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/webhookattempt"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

var (
	system    = viewer.AsSystem(context.Background())
	anonymous = context.Background()
)

// as returns a context with a viewer of that role; a publisher's is that of p.public,
// others have the token tok_1.
func (p portal) as(role viewer.Role) context.Context {
	v := viewer.Viewer{Role: role, TokenID: "tok_1"}
	switch role {
	case viewer.Publisher:
		v.Publisher = p.public
	case viewer.Anonymous, viewer.System:
		v.TokenID = ""
	}
	return viewer.With(context.Background(), v)
}

// portal is one row of every table that a viewer can reach.
type portal struct {
	category, hidden string            // hidden is switched off for the app
	public, private  string            // publishers
	articles         map[string]string // by status, of the public publisher; SCHEDULED and OTHER too
	comments         map[string]string // by status, of the published article; MINE is tok_1's
	webhooks         map[string]string // by token
}

const address, evidence, material = "203.0.113.77", `{"contact":"13900000000","workTitle":"渡口旧事"}`, "租船合同的照片"

// plant writes a small portal: articles in every state, comments in every state, a report
// with an event, webhooks of two tokens.
func plant(t *testing.T, s *storetest.Store) portal {
	t.Helper()
	now := s.Clock()
	p := portal{category: typeid.New(typeid.Category, now), hidden: typeid.New(typeid.Category, now),
		public: typeid.New(typeid.Publisher, now), private: typeid.New(typeid.Publisher, now),
		articles: map[string]string{}, comments: map[string]string{}, webhooks: map[string]string{}}
	must(t, s.Tx(system, func(ctx context.Context, c *ent.Client) error {
		c.Category.Create().SetID(p.category).SetSlug("water").SetName("水上新闻").SetCreatedAt(now).SetUpdatedAt(now).SaveX(ctx)
		c.Category.Create().SetID(p.hidden).SetSlug("paper").SetName("只上纸面").SetCreatedAt(now).SetUpdatedAt(now).
			SetTerminals(terminal.Everywhere &^ terminal.SetOf(terminal.App)).SaveX(ctx)
		c.Publisher.Create().SetID(p.public).SetName("青螺渡报").SetPublic(true).SetCreatedAt(now).SetUpdatedAt(now).SaveX(ctx)
		c.Publisher.Create().SetID(p.private).SetName("渡口夜班人").SetCreatedAt(now).SetUpdatedAt(now).SaveX(ctx)
		slot := int64(0)
		write := func(name string, status article.Status, publisher, category string) {
			slot++
			id := typeid.New(typeid.Article, now)
			create := c.Article.Create().SetID(id).SetSlug(id[4:]).SetTitle("渡船改点").SetStatus(status).SetListedAt(now).SetCreatedAt(now).SetUpdatedAt(now).
				SetSearchSlot(slot).SetCategoryID(category).SetPublisherID(publisher).SetOriginAddress(address)
			if name == "SCHEDULED" {
				create.SetListedAt(now.Add(time.Hour)).SetNextAt(now.Add(time.Hour))
			}
			create.SaveX(ctx)
			c.Body.Create().SetID(id).SetArticleID(id).SetDocument("{}").SetHash("h").SaveX(ctx)
			c.Tagging.Create().SetArticleID(id).SetTag("渡口").SetListedAt(now).SaveX(ctx)
			p.articles[name] = id
		}
		for _, status := range []article.Status{article.StatusDRAFT, article.StatusPUBLISHED, article.StatusUNPUBLISHED, article.StatusEXPIRED, article.StatusTAKEN_DOWN} {
			write(string(status), status, p.public, p.category)
		}
		write("SCHEDULED", article.StatusPUBLISHED, p.public, p.category)
		write("OTHER DRAFT", article.StatusDRAFT, p.private, p.category)
		for _, status := range []comment.Status{comment.StatusPENDING, comment.StatusAPPROVED, comment.StatusREJECTED, comment.StatusTAKEN_DOWN, comment.StatusWITHDRAWN} {
			id := typeid.New(typeid.Comment, now)
			c.Comment.Create().SetID(id).SetArticleID(p.articles["PUBLISHED"]).SetText("末班船几点？").SetStatus(status).SetFound("链接").SetReason("广告").
				SetCreatedAt(now).SetUpdatedAt(now).SetOriginAddress(address).SaveX(ctx)
			p.comments[string(status)] = id
		}
		p.comments["MINE"] = typeid.New(typeid.Comment, now)
		c.Comment.Create().SetID(p.comments["MINE"]).SetArticleID(p.articles["PUBLISHED"]).SetText("我先问的").SetTokenID("tok_1").
			SetCreatedAt(now).SetUpdatedAt(now).SaveX(ctx)
		c.Report.Create().SetID("rep_1").SetKind(report.KindOTHER).SetTarget(p.articles["PUBLISHED"]).SetStatement("照片是我拍的").SetReceipt("R-1").
			SetMissing([]string{}).SetFiledAt(now).SetDueAt(now).SetEvidence(evidence).SetOriginAddress(address).SaveX(ctx)
		c.ReportEvent.Create().SetID("rev_1").SetReportID("rep_1").SetEvent("FILE").SetBy("REPORTER").SetTo("FILED").SetMaterial(material).
			SetDueAt(now).SetAt(now).SaveX(ctx)
		for _, token := range []string{"tok_1", "tok_2"} {
			id := typeid.New(typeid.Webhook, now)
			c.Webhook.Create().SetID(id).SetURL("https://example.org/hook").SetTokenID(token).SetSecret("s").SetPosition(0).
				SetDueAt(now).SetLeaseUntil(now).SetCreatedAt(now).SetUpdatedAt(now).SaveX(ctx)
			c.WebhookAttempt.Create().SetID(id + "a").SetWebhookID(id).SetEvent("e").SetType("article.published").SetNumber(1).SetAt(now).
				SetMilliseconds(3).SetOutcome(webhookattempt.OutcomeDELIVERED).SaveX(ctx)
			p.webhooks[token] = id
		}
		return nil
	}))
	return p
}

// plantOthers writes a row of each entity that plant leaves out.
func plantOthers(t *testing.T, s *storetest.Store, p portal) {
	t.Helper()
	now, id := s.Clock(), p.articles["PUBLISHED"]
	must(t, s.Tx(system, func(ctx context.Context, c *ent.Client) error {
		c.Region.Create().SetID("reg_1").SetSlug("ferry").SetName("渡口").SetCreatedAt(now).SetUpdatedAt(now).SaveX(ctx)
		c.Revision.Create().SetID("rev_1").SetArticleID(id).SetVersion(1).SetTitle("t").SetContent("{}").SetSavedBy("值班").SetCreatedAt(now).SaveX(ctx)
		c.Takedown.Create().SetID("tkd_1").SetItem(p.articles["TAKEN_DOWN"]).SetBefore("DRAFT").SetReason("侵权").SetTakenBy("值班").SetTakenAt(now).SaveX(ctx)
		c.Picture.Create().SetID("pic_1").SetHash("h").SetFiles(nil).SetPublisherID(p.public).SetCreatedAt(now).SaveX(ctx)
		c.PictureUse.Create().SetHash("h").SetArticleID(id).SaveX(ctx)
		c.Alert.Create().SetID("alr_1").SetType("report.filed").SetData("{}").SetAt(now).SetDueAt(now).SaveX(ctx)
		c.Audit.Create().SetID(1).SetAt(now).SetRole("ADMIN").SetActor("a").SetAction("X").SetItem("i").SetDetail("").SetHash("h").SaveX(ctx)
		c.ViewDay.Create().SetArticleID(id).SetDay(1).SetViews(1).SaveX(ctx)
		c.Token.Create().SetID("tok_1").SetRole("READER").SetHash("h").SetCreatedAt(now).SaveX(ctx)
		c.Setting.Create().SetID("name").SetValue("v").SaveX(ctx)
		c.Tombstone.Create().SetID("art_x").SetAt(now).SaveX(ctx)
		c.Attachment.Create().SetID("atc_1").SetReportID("rep_1").SetType("image/png").SetSize(1).SetHash("h").SetContent([]byte("x")).SetSealedWith("").SetAt(now).SaveX(ctx)
		c.ModerationBatch.Create().SetID("bat_1").SetBy("tok_1").SetSteps("[]").SetAt(now).SaveX(ctx)
		c.IdempotencyKey.Create().SetID("key").SetInput("i").SetWrote("w").SetAt(now).SaveX(ctx)
		c.Change.Create().SetKind("CREATED").SetItemType("Article").SetItemID(id).SetVersion(1).SetAt(now).SetPayload("{}").SaveX(ctx)
		return nil
	}))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
