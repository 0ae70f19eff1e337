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
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

func TestCreateAndUpdate(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(s)
		row, err := n.Create(editor, region.CreateInput{Name: " 青禾市 ", Slug: ptr("qinghe"), Position: 2})
		must(t, err)
		if !typeid.Is(typeid.Region, row.ID) || row.Name != "青禾市" || row.CreatedAt != s.Clock() || row.UpdatedAt != s.Clock() {
			t.Errorf("got %v", row)
		}
		for _, in := range []region.UpdateInput{
			{},
			{Name: ptr(" 青禾市"), Slug: ptr("qinghe"), Position: ptr(2)},
			{Name: ptr("青禾")},
			{Slug: ptr("qh"), Position: ptr(-1)},
			{Slug: ptr("")},
		} {
			in.Region = row.ID
			before := row
			row, err = n.Update(editor, in)
			must(t, err)
			same := row.Name == before.Name && row.Slug == before.Slug && row.Position == before.Position
			expect(t, "the time moves with a change, and only then", row.UpdatedAt > before.UpdatedAt, !same)
		}
		expect(t, "the slug that was made", row.Slug, slug.FromID(row.ID))
		must(t, n.Delete(editor, row.ID))
		expect(t, "the log", n.logged(t), `CREATED {"slug":"qinghe","name":"青禾市","position":2}
UPDATED {"slug":"qinghe","name":"青禾","position":2}
UPDATED {"slug":"qh","name":"青禾","position":-1}
UPDATED {"slug":"`+row.Slug+`","name":"青禾","position":-1}
DELETED`)
	})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(s)
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
			expect(t, "create "+c.name+" "+c.slug, complaints(err), c.says)
			_, err = n.Update(editor, region.UpdateInput{Region: row.ID, Name: &c.name, Slug: &c.slug})
			expect(t, "update to "+c.name+" "+c.slug, complaints(err), c.says)
		}
		for _, id := range []string{typeid.New(typeid.Region, s.Clock()), "", "\x00"} {
			_, err := n.Update(editor, region.UpdateInput{Region: id})
			expect(t, "update what is not there", complaints(err), fault.NotFound)
			expect(t, "delete what is not there", complaints(n.Delete(editor, id)), fault.NotFound)
		}
		expect(t, "what is there", n.listed(t), "青禾市 qinghe, 溪口镇 xikou")
		expect(t, "entries in the log", strings.Count(n.logged(t), "\n"), 1)
	})
}

func TestReading(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(s)
		third, second, first := n.add(t, "溪口镇", "xikou", 3), n.add(t, "青禾市", "qinghe", 1), n.add(t, "云岭县", "yunling", -1)
		n.add(t, "白石乡", "baishi", 1)
		expect(t, "by position, then by age", n.listed(t), "云岭县 yunling, 青禾市 qinghe, 白石乡 baishi, 溪口镇 xikou")
		ids := []string{first.ID, second.ID, third.ID, typeid.New(typeid.Region, s.Clock())}
		for many := 1; many <= len(ids); many++ {
			expect(t, "statements", s.Count(func() {
				found, err := n.ByIDs(public, ids[:many])
				must(t, err)
				if len(found) != min(many, 3) || found[first.ID].Name != "云岭县" {
					t.Errorf("of %d: %v", many, found)
				}
			}), 1)
		}
	})
}

func TestDelete(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(s)
		for i, state := range []article.Status{article.StatusPUBLISHED, article.StatusDRAFT, article.StatusTAKEN_DOWN} {
			row := n.add(t, "青禾市", "qinghe-"+string("abc"[i]), 0)
			must(t, n.write(row.ID, state))
			expect(t, "with an article that is "+string(state), complaints(n.Delete(editor, row.ID)), "id NOT_ALLOWED")
		}
		must(t, n.Delete(editor, n.add(t, "溪口镇", "xikou", 0).ID))
		if strings.Contains(n.listed(t), "xikou") {
			t.Error("it is still there")
		}
	})
}

// Only editors, administrators and the program itself keep regions.
func TestRoles(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(s)
		row := n.add(t, "青禾市", "qinghe", 0)
		writes := map[string]func(context.Context) error{
			"create": func(ctx context.Context) error {
				_, err := n.Create(ctx, region.CreateInput{Name: ""}) // nobody is told what is wrong with it
				return err
			},
			"update": func(ctx context.Context) error {
				_, err := n.Update(ctx, region.UpdateInput{Region: row.ID, Name: ptr("别处")})
				return err
			},
			"ensure": func(ctx context.Context) error { _, err := n.Ensure(ctx, "qinghe", "青禾市"); return err },
			"delete": func(ctx context.Context) error { return n.Delete(ctx, row.ID) },
		}
		for what, write := range writes {
			expect(t, what+" as nobody", complaints(write(public)), fault.Unauthenticated)
			for _, role := range []viewer.Role{viewer.Reader, viewer.Publisher, viewer.Moderator, viewer.Integrator} {
				expect(t, what+" as "+string(role), complaints(write(as(role))), fault.Forbidden)
			}
		}
		expect(t, "what is there", n.listed(t), "青禾市 qinghe")
		for _, ctx := range []context.Context{editor, as(viewer.Admin), system} {
			created, err := n.Create(ctx, region.CreateInput{Name: "溪口镇"})
			must(t, err)
			must(t, n.Delete(ctx, created.ID))
		}
	})
}

// A change that cannot be logged is not made.
func TestNoChangeWithoutItsEntry(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(s)
		row := n.add(t, "青禾市", "qinghe", 0)
		_, err := s.Client(system).ExecContext(system, "ALTER TABLE changes RENAME TO away")
		must(t, err)
		_, err = n.Create(editor, region.CreateInput{Name: "溪口镇"})
		expect(t, "create", complaints(err), fault.Internal)
		_, err = n.Update(editor, region.UpdateInput{Region: row.ID, Name: ptr("别处")})
		expect(t, "update", complaints(err), fault.Internal)
		expect(t, "delete", complaints(n.Delete(editor, row.ID)), fault.Internal)
		expect(t, "what is there", n.listed(t), "青禾市 qinghe")
	})
}

func TestEnsure(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(s)
		row := n.add(t, "青禾市", "qinghe", 0)
		got, err := n.Ensure(system, "qinghe", "另一个名字")
		must(t, err)
		expect(t, "a region that is there, as it is", []string{got.ID, got.Name}, []string{row.ID, "青禾市"})
		_, err = n.Ensure(system, "xikou", " 溪口镇 ")
		must(t, err)
		for slug, name := range map[string]string{"": "云岭县", "A": "云岭县", "a\x00": "云岭县", "yunling": ""} {
			if _, err := n.Ensure(system, slug, name); !fault.Is(err, fault.BadUserInput) {
				t.Errorf("%q %q: %v", slug, name, err)
			}
		}
		said := together(6, func(int) error { _, err := n.Ensure(system, "baishi", "白石乡"); return err })
		expect(t, "what imports that run at once are told", strings.Join(said, ""), "")
		expect(t, "what is there", n.listed(t), "青禾市 qinghe, 溪口镇 xikou, 白石乡 baishi")
		expect(t, "entries in the log", strings.Count(n.logged(t), "CREATED"), 3)
	})
}

// Of many who want one address, one gets it, and the others are told so.
func TestSlugWantedByMany(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(s)
		said := together(6, func(int) error {
			_, err := n.Create(editor, region.CreateInput{Name: "青禾市", Slug: ptr("qinghe")})
			return err
		})
		expect(t, "the answers", strings.Join(said, ", "), strings.Repeat(", slug TAKEN", 5))
		expect(t, "what is there", n.listed(t), "青禾市 qinghe")
	})
}

// Two editors change different things at the same moment: both count.
func TestUpdatesAtTheSameTime(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(s)
		for range 10 {
			row := n.add(t, "青禾市", "", 0)
			said := together(2, func(i int) error {
				in := region.UpdateInput{Region: row.ID, Name: ptr("溪口镇")}
				if i == 1 {
					in = region.UpdateInput{Region: row.ID, Position: ptr(5)}
				}
				_, err := n.Update(editor, in)
				return err
			})
			found, err := n.ByIDs(public, []string{row.ID})
			must(t, err)
			if got := found[row.ID]; strings.Join(said, "") != "" || got.Name != "溪口镇" || got.Position != 5 {
				t.Fatalf("%q: %v", said, got)
			}
		}
	})
}

// An article about a region that is deleted at the same moment: one of both
// fails. The article never loses its region without a word.
func TestWritingAboutWhatIsDeleted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(s)
		for range 10 {
			row := n.add(t, "青禾市", "", 0)
			var wrote error
			together(2, func(i int) error {
				if i == 0 {
					wrote = n.write(row.ID, article.StatusDRAFT)
					return wrote
				}
				return n.Delete(editor, row.ID)
			})
			filed, err := s.Client(system).Article.Query().Where(article.RegionID(row.ID)).Exist(system)
			must(t, err)
			found, err := n.ByIDs(public, []string{row.ID})
			must(t, err)
			if filed != (wrote == nil) || filed != (len(found) == 1) {
				t.Fatalf("written %v, with its region %v, the region is there %v", wrote == nil, filed, len(found) == 1)
			}
		}
	})
}
