package policy_test

import (
	"context"
	"slices"
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestWrite attempts every kind of write as every role, past the services: what the table
// does not allow is denied, and nothing is written.
func TestWrite(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := plant(t, s)
		now := s.Clock()
		editors := []viewer.Role{viewer.Editor, viewer.Admin}
		writers := append(slices.Clone(editors), viewer.Publisher)
		slot := int64(100)
		newArticle := func(c *ent.Client, publisher string) *ent.ArticleCreate {
			slot++
			id := typeid.New(typeid.Article, now)
			return c.Article.Create().SetID(id).SetSlug(id[4:]).SetTitle("t").SetListedAt(now).SetCreatedAt(now).SetUpdatedAt(now).
				SetSearchSlot(slot).SetCategoryID(p.category).SetPublisherID(publisher)
		}
		newComment := func(c *ent.Client, status comment.Status) *ent.CommentCreate {
			return c.Comment.Create().SetID(typeid.New(typeid.Comment, now)).SetArticleID(p.articles["PUBLISHED"]).SetText("问").SetStatus(status).
				SetCreatedAt(now).SetUpdatedAt(now)
		}
		newWebhook := func(c *ent.Client, token string) *ent.WebhookCreate {
			return c.Webhook.Create().SetID(typeid.New(typeid.Webhook, now)).SetURL("https://example.org").SetTokenID(token).SetSecret("s").SetPosition(0).
				SetDueAt(now).SetLeaseUntil(now).SetCreatedAt(now).SetUpdatedAt(now)
		}
		for _, w := range []struct {
			name  string
			write func(context.Context, *ent.Client) error
			roles []viewer.Role
		}{
			{"create its own article", func(ctx context.Context, c *ent.Client) error { return newArticle(c, p.public).Exec(ctx) }, writers},
			{"create an article of another", func(ctx context.Context, c *ent.Client) error { return newArticle(c, p.private).Exec(ctx) }, editors},
			{"change its own article", func(ctx context.Context, c *ent.Client) error {
				return c.Article.UpdateOneID(p.articles["DRAFT"]).SetTitle("新题").Exec(ctx)
			}, writers},
			{"give its article to another", func(ctx context.Context, c *ent.Client) error {
				return c.Article.UpdateOneID(p.articles["DRAFT"]).SetPublisherID(p.private).Exec(ctx)
			}, editors},
			{"write a category", func(ctx context.Context, c *ent.Client) error {
				return c.Category.UpdateOneID(p.category).SetName("港口").Exec(ctx)
			}, editors},
			{"write a publisher", func(ctx context.Context, c *ent.Client) error {
				return c.Publisher.UpdateOneID(p.public).SetName("青螺").Exec(ctx)
			}, editors},
			{"write a region", func(ctx context.Context, c *ent.Client) error {
				return c.Region.Create().SetID(typeid.New(typeid.Region, now)).SetSlug(typeid.New(typeid.Region, now)).SetName("n").SetCreatedAt(now).SetUpdatedAt(now).Exec(ctx)
			}, editors},
			{"add a comment that waits", func(ctx context.Context, c *ent.Client) error { return newComment(c, comment.StatusPENDING).Exec(ctx) }, everyone},
			{"add a comment that is approved", func(ctx context.Context, c *ent.Client) error { return newComment(c, comment.StatusAPPROVED).Exec(ctx) },
				[]viewer.Role{viewer.Moderator, viewer.Admin}},
			{"approve a comment", func(ctx context.Context, c *ent.Client) error {
				return c.Comment.UpdateOneID(p.comments["APPROVED"]).SetStatus(comment.StatusAPPROVED).Exec(ctx)
			}, []viewer.Role{viewer.Moderator, viewer.Admin}},
			{"file a report", func(ctx context.Context, c *ent.Client) error {
				id := typeid.New(typeid.Report, now)
				return c.Report.Create().SetID(id).SetKind(report.KindOTHER).SetTarget(p.articles["PUBLISHED"]).SetStatement("s").SetReceipt(id).
					SetMissing([]string{}).SetFiledAt(now).SetDueAt(now).Exec(ctx)
			}, everyone},
			{"decide on a report", func(ctx context.Context, c *ent.Client) error {
				return c.Report.UpdateOneID("rep_1").SetReason("查实").Exec(ctx)
			}, []viewer.Role{viewer.Moderator, viewer.Admin}},
			{"create its own webhook", func(ctx context.Context, c *ent.Client) error { return newWebhook(c, "tok_1").Exec(ctx) }, []viewer.Role{viewer.Integrator, viewer.Admin}},
			{"create a webhook of another", func(ctx context.Context, c *ent.Client) error { return newWebhook(c, "tok_2").Exec(ctx) }, []viewer.Role{viewer.Admin}},
			{"change its own webhook", func(ctx context.Context, c *ent.Client) error {
				return c.Webhook.UpdateOneID(p.webhooks["tok_1"]).SetName("n").Exec(ctx)
			}, []viewer.Role{viewer.Integrator, viewer.Admin}},
			{"give its webhook to another", func(ctx context.Context, c *ent.Client) error {
				return c.Webhook.UpdateOneID(p.webhooks["tok_1"]).SetTokenID("tok_2").Exec(ctx)
			}, []viewer.Role{viewer.Admin}},
			{"write a setting", func(ctx context.Context, c *ent.Client) error {
				return c.Setting.Create().SetID(typeid.New(typeid.Region, now)).SetValue("v").Exec(ctx)
			}, nil},
			{"write the audit log", func(ctx context.Context, c *ent.Client) error { _, err := c.Audit.Delete().Exec(ctx); return err }, nil},
			{"write the change log", func(ctx context.Context, c *ent.Client) error { _, err := c.Change.Delete().Exec(ctx); return err }, nil},
			{"take down past the service", func(ctx context.Context, c *ent.Client) error {
				return c.Takedown.Create().SetID(typeid.New(typeid.Takedown, now)).SetItem("i").SetBefore("b").SetReason("r").SetTakenBy("t").SetTakenAt(now).Exec(ctx)
			}, nil},
		} {
			for _, role := range everyone {
				if role == viewer.System {
					continue // may write everything
				}
				ctx := p.as(role)
				err := s.Tx(ctx, w.write)
				switch allowed := slices.Contains(w.roles, role); {
				case allowed && err != nil && !ent.IsNotFound(err):
					t.Errorf("%s cannot %s: %v", role, w.name, err)
				case !allowed && (fault.CodeOf(err) != fault.Forbidden && fault.CodeOf(err) != fault.Unauthenticated):
					t.Errorf("%s can %s: %v", role, w.name, err)
				}
				if w.name == "give its article to another" {
					must(t, s.Client(system).Article.UpdateOneID(p.articles["DRAFT"]).SetPublisherID(p.public).Exec(system))
				}
				if w.name == "give its webhook to another" {
					must(t, s.Client(system).Webhook.UpdateOneID(p.webhooks["tok_1"]).SetTokenID("tok_1").Exec(system))
				}
			}
		}
	})
}

// TestWriteOthers changes rows of another owner: they are not found, and stay as they are.
func TestWriteOthers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := plant(t, s)
		must(t, s.Client(system).Picture.Create().SetID("pic_1").SetHash("h").SetFiles(nil).SetPublisherID(p.private).SetCreatedAt(s.Clock()).Exec(system))
		publisher, integrator := p.as(viewer.Publisher), p.as(viewer.Integrator)
		n, err := s.Client(publisher).Article.Update().SetTitle("都改了").Save(publisher)
		must(t, err)
		if others := s.Client(system).Article.Query().Where(article.Title("都改了"), article.PublisherID(p.private)).CountX(system); n != 6 || others != 0 {
			t.Errorf("a publisher changed %d articles, %d of them of another", n, others)
		}
		if err := s.Client(publisher).Article.DeleteOneID(p.articles["OTHER DRAFT"]).Exec(publisher); !ent.IsNotFound(err) {
			t.Errorf("deleting the article of another: %v", err)
		}
		if err := s.Client(publisher).Picture.DeleteOneID("pic_1").Exec(publisher); !ent.IsNotFound(err) {
			t.Errorf("deleting the picture of another: %v", err)
		}
		if err := s.Client(integrator).Webhook.UpdateOneID(p.webhooks["tok_2"]).SetName("n").Exec(integrator); !ent.IsNotFound(err) {
			t.Errorf("changing the webhook of another: %v", err)
		}
		if n, err := s.Client(integrator).Webhook.Delete().Exec(integrator); err != nil || n != 1 {
			t.Errorf("an integrator deleted %d webhooks, %v", n, err)
		}
	})
}
