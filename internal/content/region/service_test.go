package region_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/content/region"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/slug"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestCreateAndUpdate creates and updates a region.
func TestCreateAndUpdate(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		row, err := n.Create(editor, region.CreateInput{Name: " 青禾市 ", Slug: new("qinghe"), Position: 2})
		check.NoError(t, err)
		if !typeid.Is(typeid.Region, row.ID) || row.Name != "青禾市" || row.CreatedAt != s.Clock() || row.UpdatedAt != s.Clock() {
			t.Errorf("got %v", row)
		}
		for _, in := range []region.UpdateInput{
			{},
			{Name: new(" 青禾市"), Slug: new("qinghe"), Position: new(2)},
			{Name: new("青禾")},
			{Slug: new("qh"), Position: new(-1)},
			{Slug: new("")},
		} {
			in.Region = row.ID
			before := row
			row, err = n.Update(editor, in)
			check.NoError(t, err)
			same := row.Name == before.Name && row.Slug == before.Slug && row.Position == before.Position
			check.Equal(t, "the time moves with a change, and only then", row.UpdatedAt > before.UpdatedAt, !same)
		}
		check.Equal(t, "the slug that was made", row.Slug, slug.FromID(row.ID))
		check.NoError(t, n.Delete(editor, row.ID))
		check.Equal(t, "the log", n.logged(t), `CREATED {"slug":"qinghe","name":"青禾市","position":2}
UPDATED {"slug":"qinghe","name":"青禾","position":2}
UPDATED {"slug":"qh","name":"青禾","position":-1}
UPDATED {"slug":"`+row.Slug+`","name":"青禾","position":-1}
DELETED`)
	})
}

// TestCreateAndUpdateInvalid creates and updates regions with wrong input, which is
// refused.
func TestCreateAndUpdateInvalid(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		n.add(t, "青禾市", "qinghe", 0)
		row := n.add(t, "溪口镇", "xikou", 0)
		for _, c := range []struct{ name, slug, says string }{
			{"", "a", "name REQUIRED"},
			{" \n", "a", "name REQUIRED"},
			{strings.Repeat("长", 51), "a", "name TOO_LONG"},
			{"青禾\n市", "a", "name INVALID"},
			{"青禾\x00市", "a", "name INVALID"},
			{"青禾\xff市", "a", "name INVALID"},
			{"青禾市", "青禾", "slug INVALID"},
			{"", "a\x00", "name REQUIRED, slug INVALID"},
			{"青禾市", strings.Repeat("a", 101), "slug INVALID"},
			{"青禾市", "qinghe", "slug TAKEN"},
		} {
			_, err := n.Create(editor, region.CreateInput{Name: c.name, Slug: &c.slug})
			check.Equal(t, "create "+c.name+" "+c.slug, check.Problems(err), c.says)
			_, err = n.Update(editor, region.UpdateInput{Region: row.ID, Name: &c.name, Slug: &c.slug})
			check.Equal(t, "update to "+c.name+" "+c.slug, check.Problems(err), c.says)
		}
		for _, id := range []string{typeid.New(typeid.Region, s.Clock()), "", "\x00"} {
			_, err := n.Update(editor, region.UpdateInput{Region: id})
			check.Equal(t, "update a missing region", check.Problems(err), fault.NotFound)
			check.Equal(t, "delete a missing region", check.Problems(n.Delete(editor, id)), fault.NotFound)
		}
		check.Equal(t, "what is there", n.listed(t), "青禾市 qinghe, 溪口镇 xikou")
		check.Equal(t, "entries in the log", strings.Count(n.logged(t), "\n"), 1)
	})
}

// TestListAndByIDs lists and loads regions.
func TestListAndByIDs(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		third, second, first := n.add(t, "溪口镇", "xikou", 3), n.add(t, "青禾市", "qinghe", 1), n.add(t, "云岭县", "yunling", -1)
		n.add(t, "白石乡", "baishi", 1)
		check.Equal(t, "by position, then by age", n.listed(t), "云岭县 yunling, 青禾市 qinghe, 白石乡 baishi, 溪口镇 xikou")
		ids := []string{first.ID, second.ID, third.ID, typeid.New(typeid.Region, s.Clock())}
		for many := 1; many <= len(ids); many++ {
			check.Equal(t, "statements", s.Count(func() {
				found, err := n.ByIDs(public, ids[:many])
				check.NoError(t, err)
				if len(found) != min(many, 3) || found[first.ID].Name != "云岭县" {
					t.Errorf("of %d: %v", many, found)
				}
			}), 1)
		}
	})
}

// TestDelete deletes regions, unless articles name them.
func TestDelete(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		for i, state := range []article.Status{article.StatusPUBLISHED, article.StatusDRAFT, article.StatusTAKEN_DOWN} {
			row := n.add(t, "青禾市", "qinghe-"+string("abc"[i]), 0)
			check.NoError(t, n.write(row.ID, state))
			check.Equal(t, "with an article that is "+string(state), check.Problems(n.Delete(editor, row.ID)), "id NOT_ALLOWED")
		}
		check.NoError(t, n.Delete(editor, n.add(t, "溪口镇", "xikou", 0).ID))
		if strings.Contains(n.listed(t), "xikou") {
			t.Error("it is still there")
		}
	})
}

// TestWriteRoles checks that only editors, administrators and the program itself write
// regions.
func TestWriteRoles(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		row := n.add(t, "青禾市", "qinghe", 0)
		writes := map[string]func(context.Context) error{
			"create": func(ctx context.Context) error {
				_, err := n.Create(ctx, region.CreateInput{Name: ""}) // the role is checked first
				return err
			},
			"update": func(ctx context.Context) error {
				_, err := n.Update(ctx, region.UpdateInput{Region: row.ID, Name: new("别处")})
				return err
			},
			"delete": func(ctx context.Context) error { return n.Delete(ctx, row.ID) },
		}
		for what, write := range writes {
			check.Equal(t, what+" without a token", check.Problems(write(public)), fault.Unauthenticated)
			for _, role := range []viewer.Role{viewer.Reader, viewer.Publisher, viewer.Moderator, viewer.Integrator} {
				check.Equal(t, what+" as "+string(role), check.Problems(write(as(role))), fault.Forbidden)
			}
		}
		check.Equal(t, "what is there", n.listed(t), "青禾市 qinghe")
		for _, ctx := range []context.Context{editor, as(viewer.Admin), system} {
			created, err := n.Create(ctx, region.CreateInput{Name: "溪口镇"})
			check.NoError(t, err)
			check.NoError(t, n.Delete(ctx, created.ID))
		}
	})
}

// TestChangeFeedFailure asserts that a change that cannot be logged is not made.
func TestChangeFeedFailure(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		row := n.add(t, "青禾市", "qinghe", 0)
		_, err := s.Client(system).ExecContext(system, "ALTER TABLE changes RENAME TO away")
		check.NoError(t, err)
		_, err = n.Create(editor, region.CreateInput{Name: "溪口镇"})
		check.Equal(t, "create", check.Problems(err), fault.Internal)
		_, err = n.Update(editor, region.UpdateInput{Region: row.ID, Name: new("别处")})
		check.Equal(t, "update", check.Problems(err), fault.Internal)
		check.Equal(t, "delete", check.Problems(n.Delete(editor, row.ID)), fault.Internal)
		check.Equal(t, "what is there", n.listed(t), "青禾市 qinghe")
	})
}

// TestCreateConcurrentSlugs asserts that of many who want one slug one gets it, and the
// others get TAKEN.
func TestCreateConcurrentSlugs(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		said := check.Together(6, func(int) error {
			_, err := n.Create(editor, region.CreateInput{Name: "青禾市", Slug: new("qinghe")})
			return err
		})
		check.Equal(t, "the answers", strings.Join(said, ", "), strings.Repeat(", slug TAKEN", 5))
		check.Equal(t, "what is there", n.listed(t), "青禾市 qinghe")
	})
}

// TestUpdateConcurrent lets two editors change different fields at once: both changes hold.
func TestUpdateConcurrent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		for range effort.N(3) {
			row := n.add(t, "青禾市", "", 0)
			said := check.Together(2, func(i int) error {
				in := region.UpdateInput{Region: row.ID, Name: new("溪口镇")}
				if i == 1 {
					in = region.UpdateInput{Region: row.ID, Position: new(5)}
				}
				_, err := n.Update(editor, in)
				return err
			})
			found, err := n.ByIDs(public, []string{row.ID})
			check.NoError(t, err)
			if got := found[row.ID]; strings.Join(said, "") != "" || got.Name != "溪口镇" || got.Position != 5 {
				t.Fatalf("%q: %v", said, got)
			}
		}
	})
}

// TestDeleteConcurrentWithArticle writes an article about a region that is deleted at once:
// one of both fails, and the article never loses its region silently.
func TestDeleteConcurrentWithArticle(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		for range effort.N(3) {
			row := n.add(t, "青禾市", "", 0)
			var wrote error
			check.Together(2, func(i int) error {
				if i == 0 {
					wrote = n.write(row.ID, article.StatusDRAFT)
					return wrote
				}
				return n.Delete(editor, row.ID)
			})
			filed, err := s.Client(system).Article.Query().Where(article.RegionID(row.ID)).Exist(system)
			check.NoError(t, err)
			found, err := n.ByIDs(public, []string{row.ID})
			check.NoError(t, err)
			if filed != (wrote == nil) || filed != (len(found) == 1) {
				t.Fatalf("written %v, with its region %v, the region is there %v", wrote == nil, filed, len(found) == 1)
			}
		}
	})
}
