package category_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/slug"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// everywhere is how the log says that a category is off no terminal.
const everywhere = `,"terminals":["WEB","WAP","MINI_PROGRAM","OFFICIAL_ACCOUNT","APP","FEED"]`

func TestCreate(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		w := plant(t, s, "行业/动态")
		row, err := w.Create(editor, category.CreateInput{Name: " 政策解读 ", Parent: new(w.ids["行业"]), Slug: new("policy"), Position: -3})
		check.NoError(t, err)
		if !typeid.Is(typeid.Category, row.ID) || row.Name != "政策解读" || row.Slug != "policy" || row.Position != -3 ||
			*row.ParentID != w.ids["行业"] || row.CreatedAt != s.Clock() || row.UpdatedAt != s.Clock() {
			t.Errorf("got %v", row)
		}
		check.Equal(t, "the log", w.logged(t, 2), `CREATED {"slug":"policy","name":"政策解读","parent":"`+w.ids["行业"]+`","position":-3`+everywhere+`}`)
		check.Equal(t, "the tree", w.drawn(t), "行业 行业/动态 行业/政策解读")
		for _, given := range []*string{nil, new("")} {
			row, err = w.Create(as(viewer.Admin), category.CreateInput{Name: strings.Repeat("长", 50), Slug: given, Parent: new("")})
			check.NoError(t, err)
			if row.Slug != slug.FromID(row.ID) || row.ParentID != nil {
				t.Errorf("without a slug and a parent: %v", row)
			}
		}
	})
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		w := plant(t, s, "行业")
		_, err := w.Update(editor, category.UpdateInput{Category: w.ids["行业"], Slug: new("hy")})
		check.NoError(t, err)
		for _, c := range []struct {
			in   category.CreateInput
			says string
		}{
			{category.CreateInput{}, "name REQUIRED"},
			{category.CreateInput{Name: " \n"}, "name REQUIRED"},
			{category.CreateInput{Name: strings.Repeat("长", 51)}, "name TOO_LONG"},
			{category.CreateInput{Name: "行\n业"}, "name INVALID"},
			{category.CreateInput{Name: "行\x00业"}, "name INVALID"},
			{category.CreateInput{Name: "行\xff业"}, "name INVALID"},
			{category.CreateInput{Name: "政策", Slug: new("政策")}, "slug INVALID"},
			{category.CreateInput{Name: "政策", Slug: new("A/B")}, "slug INVALID"},
			{category.CreateInput{Name: "政策", Slug: new(strings.Repeat("a", 101))}, "slug INVALID"},
			{category.CreateInput{Name: "", Slug: new(" ")}, "name REQUIRED, slug INVALID"},
			{category.CreateInput{Name: "政策", Slug: new("hy")}, "slug TAKEN"},
			{category.CreateInput{Name: "政策", Parent: new(typeid.New(typeid.Category, s.Clock()))}, "parent UNKNOWN"},
			{category.CreateInput{Name: "政策", Parent: new(typeid.New(typeid.Region, s.Clock()))}, "parent UNKNOWN"},
			{category.CreateInput{Name: "政策", Parent: new("cat_\x00")}, "parent UNKNOWN"},
		} {
			row, err := w.Create(editor, c.in)
			if check.Problems(err) != c.says || row != nil {
				t.Errorf("%+v: %v, %v; want %s", c.in, row, err, c.says)
			}
		}
		categories, entries := w.count(t)
		check.Equal(t, "written all the same", []int{categories, entries}, []int{1, 2})
	})
}

// What an update makes of the category 动态 below 行业, and what the log says.
func TestUpdate(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		for what, c := range map[string]struct {
			in        category.UpdateInput
			kind, now string
		}{
			"nothing":                            {category.UpdateInput{}, "", `"slug":"dt","name":"动态","parent":行业,"position":0`},
			"what it is already":                 {category.UpdateInput{Name: new(" 动态"), Slug: new("dt"), Position: new(0), Parent: new("行业")}, "", `"slug":"dt","name":"动态","parent":行业,"position":0`},
			"the name":                           {category.UpdateInput{Name: new(" 快讯 ")}, "UPDATED", `"slug":"dt","name":"快讯","parent":行业,"position":0`},
			"the slug":                           {category.UpdateInput{Slug: new("news")}, "UPDATED", `"slug":"news","name":"动态","parent":行业,"position":0`},
			"the position":                       {category.UpdateInput{Position: new(9)}, "UPDATED", `"slug":"dt","name":"动态","parent":行业,"position":9`},
			"the parent":                         {category.UpdateInput{Parent: new("生活")}, "MOVED", `"slug":"dt","name":"动态","parent":生活,"position":0`},
			"the name, with the parent as it is": {category.UpdateInput{Name: new("快讯"), Parent: new("行业")}, "UPDATED", `"slug":"dt","name":"快讯","parent":行业,"position":0`},
			"to the top":                         {category.UpdateInput{Parent: new("")}, "MOVED", `"slug":"dt","name":"动态","parent":null,"position":0`},
			"the terminals":                      {category.UpdateInput{Terminals: []terminal.Terminal{terminal.App, terminal.Web}}, "UPDATED", `"slug":"dt","name":"动态","parent":行业,"position":0`},
			"all of it":                          {category.UpdateInput{Name: new("快讯"), Slug: new("news"), Position: new(1), Parent: new("生活")}, "MOVED", `"slug":"news","name":"快讯","parent":生活,"position":1`},
		} {
			w := plant(t, s, "行业", "生活")
			row, err := w.Create(editor, category.CreateInput{Name: "动态", Slug: new("dt"), Parent: new(w.ids["行业"])})
			check.NoError(t, err)
			_, before := w.count(t)
			if c.in.Parent != nil {
				c.in.Parent = new(w.ids[*c.in.Parent])
			}
			c.in.Category = row.ID
			got, err := w.Update(editor, c.in)
			check.NoError(t, err)
			_, after := w.count(t)
			want := strings.NewReplacer("行业", `"`+w.ids["行业"]+`"`, "生活", `"`+w.ids["生活"]+`"`).Replace(c.now)
			on := everywhere
			if c.in.Terminals != nil {
				on = `,"terminals":["WEB","APP"]`
			}
			switch {
			case c.kind == "" && (after != before || got.UpdatedAt != row.UpdatedAt):
				t.Errorf("%s: something was written", what)
			case c.kind != "":
				check.Equal(t, what, w.logged(t, before), c.kind+" {"+want+on+"}")
				if got.UpdatedAt <= row.UpdatedAt || got.CreatedAt != row.CreatedAt {
					t.Errorf("%s: its times are %v", what, got)
				}
			}
			if stored := w.stored(t, row.ID); stored.Name != got.Name || stored.Slug != got.Slug || stored.Position != got.Position {
				t.Errorf("%s: stored %v, returned %v", what, stored, got)
			}
			check.NoError(t, w.Delete(editor, row.ID))
		}
	})
}

func TestUpdateRefuses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		w := plant(t, s, "行业", "生活")
		id, taken := w.ids["行业"], w.stored(t, w.ids["生活"]).Slug
		for _, c := range []struct {
			in   category.UpdateInput
			says string
		}{
			{category.UpdateInput{Category: id, Name: new(""), Slug: new("A")}, "name REQUIRED, slug INVALID"},
			{category.UpdateInput{Category: id, Name: new(strings.Repeat("长", 51))}, "name TOO_LONG"},
			{category.UpdateInput{Category: id, Slug: &taken}, "slug TAKEN"},
			{category.UpdateInput{Category: id, Parent: new("x")}, "parent UNKNOWN"},
			{category.UpdateInput{Category: typeid.New(typeid.Category, s.Clock()), Name: new("人物")}, "NOT_FOUND"},
			{category.UpdateInput{Category: "\x00", Name: new("人物")}, "NOT_FOUND"},
		} {
			if _, err := w.Update(editor, c.in); check.Problems(err) != c.says {
				t.Errorf("%+v: %v; want %s", c.in, err, c.says)
			}
		}
		check.Equal(t, "the tree", w.drawn(t), "生活 行业")
		check.Equal(t, "the log", w.logged(t, 2), "")
	})
}

func TestDelete(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		w := plant(t, s, "行业/动态", "生活", "人物")
		check.NoError(t, w.file(w.ids["生活"], article.StatusPUBLISHED))
		s.Advance(1_000_000)
		check.NoError(t, w.file(w.ids["人物"], article.StatusDRAFT))
		for name, says := range map[string]string{"行业": "id NOT_ALLOWED", "生活": "id NOT_ALLOWED", "人物": "id NOT_ALLOWED"} {
			check.Equal(t, "deleting "+name, check.Problems(w.Delete(editor, w.ids[name])), says)
		}
		_, before := w.count(t)
		check.NoError(t, w.Delete(editor, w.ids["动态"]))
		check.NoError(t, w.Delete(editor, w.ids["行业"]))
		check.Equal(t, "the log", w.logged(t, before), "DELETED\nDELETED")
		check.Equal(t, "the tree", w.drawn(t), "人物 生活")
		for _, id := range []string{w.ids["动态"], "", "cat_\x00", typeid.New(typeid.Article, s.Clock())} {
			check.Equal(t, "deleting a missing category", check.Problems(w.Delete(editor, id)), fault.NotFound)
		}
	})
}

// Only editors, administrators and the program itself write to the tree.
func TestRoles(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		w := plant(t, s, "行业")
		id := w.ids["行业"]
		writes := map[string]func(context.Context) error{
			"create": func(ctx context.Context) error {
				_, err := w.Create(ctx, category.CreateInput{Name: ""}) // the role is checked first
				return err
			},
			"update": func(ctx context.Context) error {
				_, err := w.Update(ctx, category.UpdateInput{Category: id, Name: new("别处")})
				return err
			},
			"ensure": func(ctx context.Context) error {
				_, err := w.Ensure(ctx, []category.Node{{Name: "行业"}})
				return err
			},
			"delete": func(ctx context.Context) error { return w.Delete(ctx, id) },
		}
		for what, write := range writes {
			check.Equal(t, what+" without a token", check.Problems(write(public)), fault.Unauthenticated)
			for _, role := range []viewer.Role{viewer.Reader, viewer.Publisher, viewer.Moderator, viewer.Integrator} {
				check.Equal(t, what+" as "+string(role), check.Problems(write(as(role))), fault.Forbidden)
			}
		}
		check.Equal(t, "the tree", w.drawn(t), "行业")
		for _, ctx := range []context.Context{editor, as(viewer.Admin), system} {
			row, err := w.Create(ctx, category.CreateInput{Name: "政策"})
			check.NoError(t, err)
			check.NoError(t, w.Delete(ctx, row.ID))
		}
	})
}

// TestChangeFeedFailure asserts that a change that cannot be logged is not made.
func TestChangeFeedFailure(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		w := plant(t, s, "行业/动态")
		_, err := s.Client(system).ExecContext(system, "ALTER TABLE changes RENAME TO away")
		check.NoError(t, err)
		for what, write := range map[string]func() error{
			"create": func() error { _, err := w.Create(editor, category.CreateInput{Name: "人物"}); return err },
			"rename": func() error {
				_, err := w.Update(editor, category.UpdateInput{Category: w.ids["行业"], Name: new("别处")})
				return err
			},
			"move": func() error { return w.move("动态", "") },
			"ensure": func() error {
				_, err := w.Ensure(editor, []category.Node{{Name: "行业"}, {Name: "政策"}})
				return err
			},
			"delete": func() error { return w.Delete(editor, w.ids["动态"]) },
		} {
			check.Equal(t, what, check.Problems(write()), fault.Internal)
		}
		check.Equal(t, "the tree", w.drawn(t), "行业 行业/动态")
	})
}

// TestCreateConcurrentSlugs asserts that of many who want one slug one gets it, and the
// others get TAKEN.
func TestCreateConcurrentSlugs(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		w := plant(t, s)
		said := check.Together(6, func(int) error {
			_, err := w.Create(editor, category.CreateInput{Name: "政策", Slug: new("policy")})
			return err
		})
		check.Equal(t, "the answers", strings.Join(said, ", "), strings.Repeat(", slug TAKEN", 5))
		categories, entries := w.count(t)
		check.Equal(t, "categories and entries", []int{categories, entries}, []int{1, 1})
	})
}
