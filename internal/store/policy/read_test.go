package policy_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/category"
	"github.com/tonggao/tonggao/ent/migrate"
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

// TestReadTables counts, for each role, the rows of each entity, of which there is at
// least one. It takes the entities from ent's own client: a new one fails the test until its
// readers are named here.
func TestReadTables(t *testing.T) {
	t.Parallel()
	own := append(slices.Clone(staff), viewer.Publisher)
	admins := []viewer.Role{viewer.Admin, viewer.System}
	itself := []viewer.Role{viewer.System}
	readers := map[string][]viewer.Role{
		ent.TypeArticle: everyone, ent.TypeBody: everyone, ent.TypeTagging: everyone, ent.TypeComment: everyone,
		ent.TypeCategory: everyone, ent.TypePublisher: everyone, ent.TypeRegion: everyone,
		ent.TypeRevision: own, ent.TypeTakedown: own, ent.TypePicture: own,
		ent.TypeWebhook:        {viewer.Integrator, viewer.Admin, viewer.System},
		ent.TypeWebhookAttempt: {viewer.Integrator, viewer.Admin, viewer.System},
		ent.TypeReport:         moderators, ent.TypeReportEvent: moderators, ent.TypeAudit: admins,
		ent.TypeAlert: itself, ent.TypeAttachment: itself, ent.TypeChange: itself, ent.TypeIdempotencyKey: itself,
		ent.TypeModerationBatch: itself, ent.TypePictureUse: itself, ent.TypeSetting: itself, ent.TypeToken: itself,
		ent.TypeTombstone: itself, ent.TypeViewDay: itself,
	}
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := plant(t, s)
		plantOthers(t, s, p)
		other := viewer.With(context.Background(), viewer.Viewer{Role: viewer.Publisher, Publisher: p.private, TokenID: "tok_1"})
		counted := counts(system, t, s.Client(system))
		if len(counted) != len(migrate.Tables) {
			t.Errorf("%d entities were counted, and there are %d tables", len(counted), len(migrate.Tables))
		}
		for entity := range counted {
			if readers[entity] == nil {
				t.Errorf("who may read %s? Write its rule to readRules and its readers to this test", entity)
			}
		}
		for _, role := range everyone {
			ctx := p.as(role)
			for entity, n := range counts(ctx, t, s.Client(ctx)) {
				if sees := n > 0; sees != slices.Contains(readers[entity], role) {
					t.Errorf("%s sees %d of %s", role, n, entity)
				}
			}
		}
		ofOther := counts(other, t, s.Client(other))
		for _, entity := range []string{ent.TypeRevision, ent.TypeTakedown, ent.TypePicture} {
			if n := ofOther[entity]; n != 0 {
				t.Errorf("a publisher sees %d of %s of another", n, entity)
			}
		}
	})
}

// counts returns the number of rows that the viewer of ctx sees of each entity, by its name.
func counts(ctx context.Context, t *testing.T, c *ent.Client) map[string]int {
	t.Helper()
	found := map[string]int{}
	for field, client := range reflect.ValueOf(c).Elem().Fields() {
		query := reflect.Value{}
		if field.IsExported() {
			query = client.MethodByName("Query")
		}
		if !query.IsValid() {
			continue
		}
		n, err := query.Call(nil)[0].Interface().(interface {
			Count(context.Context) (int, error)
		}).Count(ctx)
		must(t, err)
		found[field.Name] = n
	}
	return found
}

// TestReadEdges follows and loads edges: the rows at their ends are restricted, too.
func TestReadEdges(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := plant(t, s)
		c := s.Client(anonymous)
		ids, err := c.Category.Query().QueryArticles().IDs(anonymous)
		must(t, err)
		same(t, "an edge that is followed", names(p.articles, ids), []string{"PUBLISHED"})
		row, err := c.Category.Query().Where(category.ID(p.category)).WithArticles().Only(anonymous)
		must(t, err)
		ids = nil
		for _, a := range row.Edges.Articles {
			ids = append(ids, a.ID)
		}
		same(t, "an edge that is loaded", names(p.articles, ids), []string{"PUBLISHED"})
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
