package policy_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/pictureuse"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestPublicNow compares the SQL predicates with their Go twins over all combinations of
// status, listed_at, expires_at, next_at and now. Left out are rows that no service
// writes: a published article that expires has next_at no later than expires_at.
func TestPublicNow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		base := s.Clock()
		at := func(second int) instant.Instant { return base.Add(time.Duration(second) * time.Second) }
		maybe := func(second int) *instant.Instant { // 0 is null
			if second == 0 {
				return nil
			}
			return new(at(second))
		}
		p := plant(t, s)
		var rows []*ent.Article
		err := s.Tx(system, func(ctx context.Context, c *ent.Client) error {
			var all []*ent.ArticleCreate
			for _, status := range []article.Status{article.StatusDRAFT, article.StatusPUBLISHED, article.StatusUNPUBLISHED, article.StatusEXPIRED, article.StatusTAKEN_DOWN} {
				for listed := 1; listed <= 4; listed++ {
					for expires := range 5 {
						for next := range 5 {
							if status == article.StatusPUBLISHED && expires != 0 && (next == 0 || next > expires) {
								continue
							}
							id := typeid.New(typeid.Article, base)
							all = append(all, c.Article.Create().SetID(id).SetSlug(fmt.Sprintf("a-%s-%d-%d-%d", status, listed, expires, next)).
								SetTitle("风筝节开幕").SetStatus(status).SetListedAt(at(listed)).SetNillableExpiresAt(maybe(expires)).SetNillableNextAt(maybe(next)).
								SetCreatedAt(base).SetUpdatedAt(base).SetSearchSlot(int64(1000+len(all))).SetCategoryID(p.category).SetPublisherID(p.public))
						}
					}
				}
			}
			for part := range slices.Chunk(all, 50) {
				saved, err := c.Article.CreateBulk(part...).Save(ctx)
				if err != nil {
					return err
				}
				rows = append(rows, saved...)
			}
			return c.PictureUse.MapCreateBulk(rows, func(u *ent.PictureUseCreate, i int) {
				u.SetHash("h").SetArticleID(rows[i].ID)
			}).Exec(ctx)
		})
		must(t, err)
		for second := range 6 {
			now := at(second)
			s.Set(now)
			var public, logged, released []string
			for _, a := range rows {
				if policy.IsPublic(a, now) {
					public = append(public, a.Slug)
				}
				if policy.IsLogged(a) {
					logged = append(logged, a.Slug)
				}
				if policy.IsReleased(a, now) {
					released = append(released, a.Slug)
				}
			}
			slices.Sort(public)
			slices.Sort(logged)
			slices.Sort(released)
			ours := func(c *ent.Client) *ent.ArticleQuery {
				return c.Article.Query().Where(article.SearchSlotGTE(1000)).Order(article.BySlug())
			}
			got, err := ours(s.Client(system)).Where(policy.PublicNow(now)).Select(article.FieldSlug).Strings(system)
			must(t, err)
			same(t, fmt.Sprint("PublicNow at ", second), got, public)
			got, err = ours(s.Client(system)).Where(policy.Logged()).Select(article.FieldSlug).Strings(system)
			must(t, err)
			same(t, "Logged", got, logged)
			got, err = ours(s.Client(system)).Where(policy.Released(now)).Select(article.FieldSlug).Strings(system)
			must(t, err)
			same(t, fmt.Sprint("Released at ", second), got, released)
			got, err = ours(s.Client(anonymous)).Select(article.FieldSlug).Strings(anonymous)
			must(t, err)
			same(t, fmt.Sprint("an anonymous reader at ", second), got, public)
			n, err := s.Client(system).PictureUse.Query().Where(policy.OfPublicArticle(pictureuse.FieldArticleID, now)).Count(system)
			must(t, err)
			if n != len(public) {
				t.Errorf("OfPublicArticle at %d finds %d rows, want %d", second, n, len(public))
			}
			if second == 3 && (len(public) == 0 || len(public) == len(released)) {
				t.Errorf("of %d rows %d are public and %d released; the test compares nothing", len(rows), len(public), len(released))
			}
		}
	})
}

// TestPublicNowWithin shows that the predicate is one condition, which article.Or and
// article.Not do not take apart.
func TestPublicNowWithin(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := plant(t, s)
		either, err := s.Client(system).Article.Query().Where(article.Or(article.ID(p.articles["DRAFT"]), policy.PublicNow(s.Clock()))).IDs(system)
		must(t, err)
		same(t, "or", sorted(either), sorted([]string{p.articles["DRAFT"], p.articles["PUBLISHED"]}))
		not, err := s.Client(system).Article.Query().Where(article.Not(policy.PublicNow(s.Clock()))).IDs(system)
		must(t, err)
		if slices.Contains(not, p.articles["PUBLISHED"]) || len(not) != len(p.articles)-1 {
			t.Errorf("not public: %v", not)
		}
	})
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}

func sorted(list []string) []string { slices.Sort(list); return list }
