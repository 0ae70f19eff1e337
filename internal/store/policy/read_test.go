package policy_test

import (
	"context"
	"slices"
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// everyone is all roles, those without a token too.
var everyone = append(viewer.Roles(), viewer.Anonymous, viewer.System)

var (
	staff      = []viewer.Role{viewer.Editor, viewer.Moderator, viewer.Admin, viewer.System}
	moderators = []viewer.Role{viewer.Moderator, viewer.Admin, viewer.System}
)

// TestReadArticles reads the articles of a portal as each role: the staff sees all, a
// publisher its own, all others those that are public.
func TestReadArticles(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := plant(t, s)
		all := []string{"DRAFT", "EXPIRED", "OTHER DRAFT", "PUBLISHED", "SCHEDULED", "TAKEN_DOWN", "UNPUBLISHED"}
		for _, role := range everyone {
			want := []string{"PUBLISHED"}
			switch {
			case slices.Contains(staff, role):
				want = all
			case role == viewer.Publisher:
				want = slices.DeleteFunc(slices.Clone(all), func(name string) bool { return name == "OTHER DRAFT" })
			}
			ctx := p.as(role)
			c := s.Client(ctx)
			ids, err := c.Article.Query().IDs(ctx)
			must(t, err)
			same(t, string(role)+" reads articles", names(p.articles, ids), want)
			bodies, err := c.Body.Query().IDs(ctx)
			must(t, err)
			same(t, string(role)+" reads bodies", names(p.articles, bodies), want)
			tagged, err := c.Tagging.Query().Select("article_id").Strings(ctx)
			must(t, err)
			same(t, string(role)+" reads taggings", names(p.articles, tagged), want)
		}
		unbound := viewer.With(context.Background(), viewer.Viewer{Role: viewer.Publisher, TokenID: "tok_1"})
		ids, err := s.Client(unbound).Article.Query().IDs(unbound)
		must(t, err)
		same(t, "a publisher's token without a publisher", names(p.articles, ids), []string{"PUBLISHED"})
	})
}

// names returns the names of ids, sorted.
func names(of map[string]string, ids []string) []string {
	list := []string{}
	for name, id := range of {
		if slices.Contains(ids, id) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

func TestReadComments(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := plant(t, s)
		read := func(ctx context.Context) []string {
			ids, err := s.Client(ctx).Comment.Query().IDs(ctx)
			must(t, err)
			return names(p.comments, ids)
		}
		for _, role := range everyone {
			want := []string{"APPROVED"}
			switch {
			case slices.Contains(moderators, role):
				want = []string{"APPROVED", "MINE", "PENDING", "REJECTED", "TAKEN_DOWN", "WITHDRAWN"}
			case role == viewer.Reader:
				want = []string{"APPROVED", "MINE"}
			}
			same(t, string(role), read(p.as(role)), want)
		}
		// With its article, a comment is gone.
		must(t, s.Client(system).Article.UpdateOneID(p.articles["PUBLISHED"]).SetStatus(article.StatusUNPUBLISHED).Exec(system))
		same(t, "a reader, after the article is unpublished", read(p.as(viewer.Reader)), []string{})
	})
}

// TestReadTables counts, for each role, the rows of the tables that are read whole or not
// at all: one row was written to each.
func TestReadTables(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := plant(t, s)
		now, id := s.Clock(), p.articles["PUBLISHED"]
		must(t, s.Tx(system, func(ctx context.Context, c *ent.Client) error {
			c.Revision.Create().SetID("rev_1").SetArticleID(id).SetVersion(1).SetTitle("t").SetContent("{}").SetSavedBy("值班").SetCreatedAt(now).SaveX(ctx)
			c.Takedown.Create().SetID("tkd_1").SetItem(p.articles["TAKEN_DOWN"]).SetBefore("DRAFT").SetReason("侵权").SetTakenBy("值班").SetTakenAt(now).SaveX(ctx)
			c.Picture.Create().SetID("pic_1").SetHash("h").SetFiles(nil).SetPublisherID(p.public).SetCreatedAt(now).SaveX(ctx)
			c.PictureUse.Create().SetHash("h").SetArticleID(id).SaveX(ctx)
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
		own := append(slices.Clone(staff), viewer.Publisher)
		admins := []viewer.Role{viewer.Admin, viewer.System}
		itself := []viewer.Role{viewer.System}
		for _, table := range []struct {
			name  string
			count func(context.Context, *ent.Client) (int, error)
			roles []viewer.Role
		}{
			{"revisions", func(ctx context.Context, c *ent.Client) (int, error) { return c.Revision.Query().Count(ctx) }, own},
			{"takedowns", func(ctx context.Context, c *ent.Client) (int, error) { return c.Takedown.Query().Count(ctx) }, own},
			{"pictures", func(ctx context.Context, c *ent.Client) (int, error) { return c.Picture.Query().Count(ctx) }, own},
			{"reports", func(ctx context.Context, c *ent.Client) (int, error) { return c.Report.Query().Count(ctx) }, moderators},
			{"report events", func(ctx context.Context, c *ent.Client) (int, error) { return c.ReportEvent.Query().Count(ctx) }, moderators},
			{"audits", func(ctx context.Context, c *ent.Client) (int, error) { return c.Audit.Query().Count(ctx) }, admins},
			{"picture uses", func(ctx context.Context, c *ent.Client) (int, error) { return c.PictureUse.Query().Count(ctx) }, itself},
			{"view days", func(ctx context.Context, c *ent.Client) (int, error) { return c.ViewDay.Query().Count(ctx) }, itself},
			{"tokens", func(ctx context.Context, c *ent.Client) (int, error) { return c.Token.Query().Count(ctx) }, itself},
			{"tombstones", func(ctx context.Context, c *ent.Client) (int, error) { return c.Tombstone.Query().Count(ctx) }, itself},
			{"settings", func(ctx context.Context, c *ent.Client) (int, error) { return c.Setting.Query().Count(ctx) }, itself},
			{"attachments", func(ctx context.Context, c *ent.Client) (int, error) { return c.Attachment.Query().Count(ctx) }, itself},
			{"batches", func(ctx context.Context, c *ent.Client) (int, error) { return c.ModerationBatch.Query().Count(ctx) }, itself},
			{"idempotency keys", func(ctx context.Context, c *ent.Client) (int, error) { return c.IdempotencyKey.Query().Count(ctx) }, itself},
			{"changes", func(ctx context.Context, c *ent.Client) (int, error) { return c.Change.Query().Count(ctx) }, itself},
		} {
			for _, role := range everyone {
				ctx := p.as(role)
				n, err := table.count(ctx, s.Client(ctx))
				must(t, err)
				if sees := n > 0; sees != slices.Contains(table.roles, role) {
					t.Errorf("%s sees %d %s", role, n, table.name)
				}
			}
		}
		other := viewer.With(context.Background(), viewer.Viewer{Role: viewer.Publisher, Publisher: p.private, TokenID: "tok_1"})
		for name, n := range map[string]int{
			"revisions": s.Client(other).Revision.Query().CountX(other),
			"takedowns": s.Client(other).Takedown.Query().CountX(other),
			"pictures":  s.Client(other).Picture.Query().CountX(other),
		} {
			if n != 0 {
				t.Errorf("a publisher sees %d %s of another", n, name)
			}
		}
	})
}

func TestReadWebhooks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := plant(t, s)
		for _, role := range everyone {
			want := []string{}
			switch role {
			case viewer.Admin, viewer.System:
				want = []string{"tok_1", "tok_2"}
			case viewer.Integrator:
				want = []string{"tok_1"}
			}
			ctx := p.as(role)
			ids, err := s.Client(ctx).Webhook.Query().IDs(ctx)
			must(t, err)
			same(t, string(role)+" reads webhooks", names(p.webhooks, ids), want)
			ids, err = s.Client(ctx).WebhookAttempt.Query().Select("webhook_id").Strings(ctx)
			must(t, err)
			same(t, string(role)+" reads attempts", names(p.webhooks, ids), want)
		}
	})
}

// TestReadOnTerminal names a terminal: what is off it is hidden from every role but the
// program itself.
func TestReadOnTerminal(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := plant(t, s)
		c := s.Client(system)
		below, err := c.Category.Create().SetID("cat_below").SetSlug("below").SetName("纸面下面").SetParentID(p.hidden).
			SetCreatedAt(s.Clock()).SetUpdatedAt(s.Clock()).Save(system)
		must(t, err)
		id := p.articles["PUBLISHED"]
		for _, step := range []struct {
			name     string
			category string
			on       terminal.Set
			shown    bool
		}{
			{"on every terminal", p.category, terminal.Everywhere, true},
			{"off the app itself", p.category, terminal.SetOf(terminal.Web), false},
			{"in a category off the app", p.hidden, terminal.Everywhere, false},
			{"below such a category", below.ID, terminal.Everywhere, false},
		} {
			must(t, c.Article.UpdateOneID(id).SetCategoryID(step.category).SetTerminals(step.on).Exec(system))
			for _, role := range everyone {
				ctx := terminal.With(p.as(role), terminal.SetOf(terminal.App))
				shown := step.shown || role == viewer.System
				for what, sees := range map[string]bool{
					"article": s.Client(ctx).Article.Query().Where(article.ID(id)).ExistX(ctx),
					"comment": s.Client(ctx).Comment.Query().ExistX(ctx),
				} {
					if sees != shown {
						t.Errorf("%s: %s sees the %s: %t", step.name, role, what, sees)
					}
				}
			}
		}
		app := terminal.With(anonymous, terminal.SetOf(terminal.App))
		ids, err := s.Client(app).Category.Query().IDs(app)
		must(t, err)
		same(t, "categories on the app", ids, []string{p.category})
	})
}
