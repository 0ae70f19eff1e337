package publisher_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/content/publisher"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestNameChecks creates, updates and ensures publishers with right and wrong names.
func TestNameChecks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		row := n.add(t, "旧名", true)
		for name, says := range map[string]string{
			" 青禾社区 ":                "",
			strings.Repeat("长", 50): "",
			"":                      "name REQUIRED",
			" \t ":                  "name REQUIRED",
			strings.Repeat("长", 51): "name TOO_LONG",
			"青禾\n社区":                "name INVALID",
			"青禾\x00社区":              "name INVALID",
			"青禾\xff社区":              "name INVALID",
		} {
			created, err := n.Create(editor, publisher.CreateInput{Name: name})
			if check.Problems(err) != says || err == nil && (created.Name != strings.TrimSpace(name) || created.Public || !typeid.Is(typeid.Publisher, created.ID)) {
				t.Errorf("create %q: %v, %v", name, created, err)
			}
			updated, err := n.Update(editor, publisher.UpdateInput{Publisher: row.ID, Name: &name})
			if check.Problems(err) != says || err == nil && (updated.Name != strings.TrimSpace(name) || !updated.Public) {
				t.Errorf("update %q: %v, %v", name, updated, err)
			}
			_, err = n.Ensure(system, name, false)
			check.Equal(t, "ensure "+name, check.Problems(err), says)
		}
		publishers, entries := n.count(t)
		check.Equal(t, "publishers and entries: 1 + 2 created, 2 updated", []int{publishers, entries}, []int{3, 5})
	})
}

// TestChangeEntryMasksName checks that integrators, who read the log, do not read the name
// of a publisher that is not public.
func TestChangeEntryMasksName(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		row := n.add(t, "青禾社区服务", false)
		change := func(in publisher.UpdateInput) {
			s.Advance(1_000_000_000)
			in.Publisher = row.ID
			got, err := n.Update(editor, in)
			check.NoError(t, err)
			if in.Public == nil && in.Name == nil {
				check.Equal(t, "the time of an update that changes nothing", got.UpdatedAt < s.Clock(), true)
			} else {
				check.Equal(t, "the time of an update", got.UpdatedAt, s.Clock())
			}
		}
		change(publisher.UpdateInput{Public: new(true)})
		change(publisher.UpdateInput{})
		change(publisher.UpdateInput{Name: new("溪口镇卫生院")})
		change(publisher.UpdateInput{Public: new(false)})
		check.NoError(t, n.Delete(editor, row.ID))
		check.Equal(t, "the log", n.logged(row.ID), `CREATED {"name":"青禾社****","public":false}
UPDATED {"name":"青禾社区服务","public":true}
UPDATED {"name":"溪口镇卫生院","public":true}
UPDATED {"name":"溪口镇****","public":false}
DELETED`)
	})
}

// TestListAndByIDs lists and loads publishers as each role.
func TestListAndByIDs(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		private, open := n.add(t, "青禾社区服务", false), n.add(t, "溪口镇卫生院", true)
		ids := []string{private.ID, open.ID, typeid.New(typeid.Publisher, s.Clock())}
		own := viewer.With(public, viewer.Viewer{Role: viewer.Publisher, Publisher: private.ID})
		for _, c := range []struct {
			who  context.Context
			name string
		}{
			{public, "青禾社****"}, {as(viewer.Reader), "青禾社****"}, {as(viewer.Integrator), "青禾社****"}, {as(viewer.Publisher), "青禾社****"},
			{own, "青禾社区服务"}, {editor, "青禾社区服务"}, {as(viewer.Moderator), "青禾社区服务"}, {system, "青禾社区服务"},
		} {
			got, err := n.Get(c.who, private.ID)
			check.NoError(t, err)
			check.Equal(t, "by id", got.Name, c.name)
			for what, read := range map[string]func(context.Context, []string) (map[string]*ent.Publisher, error){"ByIDs": n.ByIDs, "ByIDsWithName": n.ByIDsWithName} {
				found, err := read(c.who, ids)
				check.NoError(t, err)
				if len(found) != 2 || found[private.ID].Name != c.name || found[open.ID].Name != "溪口镇卫生院" {
					t.Errorf("%s: %v", what, found)
				}
			}
		}
		for _, id := range []string{ids[2], "", "pub_\x00", typeid.New(typeid.Region, s.Clock())} {
			row, err := n.Get(public, id)
			if !fault.Is(err, fault.NotFound) || row != nil {
				t.Errorf("%q: %v, %v", id, row, err)
			}
		}
		for _, some := range [][]string{ids[:1], ids} {
			check.Equal(t, "statements", s.Count(func() {
				_, err := n.ByIDs(public, some)
				check.NoError(t, err)
				_, err = n.ByIDsWithName(public, some)
				check.NoError(t, err)
			}), 2)
		}
	})
}

// TestDelete deletes publishers, unless articles name them.
func TestDelete(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		for _, state := range []article.Status{article.StatusPUBLISHED, article.StatusDRAFT, article.StatusTAKEN_DOWN} {
			row := n.add(t, "青禾社区", true)
			check.NoError(t, n.write(row.ID, state))
			check.Equal(t, "with an article that is "+string(state), check.Problems(n.Delete(editor, row.ID)), "id NOT_ALLOWED")
		}
		row := n.add(t, "青禾社区", true)
		check.NoError(t, n.Delete(editor, row.ID))
		for _, id := range []string{row.ID, "", "\x00", typeid.New(typeid.Article, s.Clock())} {
			check.Equal(t, "a missing publisher", check.Problems(n.Delete(editor, id)), fault.NotFound)
			_, err := n.Update(editor, publisher.UpdateInput{Publisher: id, Public: new(true)})
			check.Equal(t, "a missing publisher", check.Problems(err), fault.NotFound)
		}
	})
}

// TestWriteRoles checks that only editors, administrators and the program itself write
// publishers.
func TestWriteRoles(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		row := n.add(t, "青禾社区", false)
		writes := map[string]func(context.Context) error{
			"create": func(ctx context.Context) error {
				_, err := n.Create(ctx, publisher.CreateInput{Name: ""}) // the role is checked first
				return err
			},
			"update": func(ctx context.Context) error {
				_, err := n.Update(ctx, publisher.UpdateInput{Publisher: row.ID, Public: new(true)})
				return err
			},
			"ensure": func(ctx context.Context) error { _, err := n.Ensure(ctx, "青禾社区", false); return err },
			"delete": func(ctx context.Context) error { return n.Delete(ctx, row.ID) },
		}
		for what, write := range writes {
			check.Equal(t, what+" without a token", check.Problems(write(public)), fault.Unauthenticated)
			for _, role := range []viewer.Role{viewer.Reader, viewer.Publisher, viewer.Moderator, viewer.Integrator} {
				check.Equal(t, what+" as "+string(role), check.Problems(write(as(role))), fault.Forbidden)
			}
		}
		check.Equal(t, "the log", n.logged(row.ID), `CREATED {"name":"青禾****","public":false}`)
		for _, ctx := range []context.Context{editor, as(viewer.Admin), system} {
			created, err := n.Create(ctx, publisher.CreateInput{Name: "溪口镇卫生院"})
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
		row := n.add(t, "青禾社区", false)
		_, err := s.Client(system).ExecContext(system, "ALTER TABLE changes RENAME TO away")
		check.NoError(t, err)
		_, err = n.Create(editor, publisher.CreateInput{Name: "溪口镇卫生院"})
		check.Equal(t, "create", check.Problems(err), fault.Internal)
		_, err = n.Update(editor, publisher.UpdateInput{Publisher: row.ID, Public: new(true)})
		check.Equal(t, "update", check.Problems(err), fault.Internal)
		check.Equal(t, "delete", check.Problems(n.Delete(editor, row.ID)), fault.Internal)
		all, err := s.Client(system).Publisher.Query().All(system)
		check.NoError(t, err)
		if len(all) != 1 || all[0].Public {
			t.Errorf("something was written: %v", all)
		}
	})
}

// TestEnsure finds a publisher by its name, and creates it where there is none.
func TestEnsure(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		first, second := n.add(t, "青禾社区", false), n.add(t, "青禾社区", true)
		got, err := n.Ensure(system, " 青禾社区 ", true)
		check.NoError(t, err)
		if got.ID != first.ID || got.ID == second.ID || got.Public {
			t.Errorf("of two with one name, the older, as it is: %v", got)
		}
		got, err = n.Ensure(system, "青禾", true)
		check.NoError(t, err)
		if got.ID == first.ID || !got.Public || got.Name != "青禾" {
			t.Errorf("another name: %v", got)
		}
		said := check.Together(6, func(int) error { _, err := n.Ensure(system, "溪口镇卫生院", false); return err })
		check.Equal(t, "the errors of concurrent imports", strings.Join(said, ""), "")
		publishers, entries := n.count(t)
		check.Equal(t, "publishers and entries", []int{publishers, entries}, []int{4, 4})
	})
}

// TestUpdateConcurrent lets two editors change different fields at once: both changes hold.
func TestUpdateConcurrent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		for range effort.N(3) {
			row := n.add(t, "青禾社区", false)
			said := check.Together(2, func(i int) error {
				in := publisher.UpdateInput{Publisher: row.ID, Name: new("溪口镇卫生院")}
				if i == 1 {
					in = publisher.UpdateInput{Publisher: row.ID, Public: new(true)}
				}
				_, err := n.Update(editor, in)
				return err
			})
			got, err := n.Get(system, row.ID)
			check.NoError(t, err)
			if strings.Join(said, "") != "" || got.Name != "溪口镇卫生院" || !got.Public {
				t.Fatalf("%q: %v", said, got)
			}
		}
	})
}

// TestDeleteConcurrentWithArticle writes an article while its publisher is deleted: one of
// both fails.
func TestDeleteConcurrentWithArticle(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		for range effort.N(3) {
			row := n.add(t, "青禾社区", false)
			check.Together(2, func(i int) error {
				if i == 0 {
					return n.write(row.ID, article.StatusDRAFT)
				}
				return n.Delete(editor, row.ID)
			})
			written, err := s.Client(system).Article.Query().Where(article.PublisherID(row.ID)).Exist(system)
			check.NoError(t, err)
			if _, err := n.Get(public, row.ID); written != (err == nil) {
				t.Fatalf("written %v, the publisher: %v", written, err)
			}
		}
	})
}
