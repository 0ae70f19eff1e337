package category_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

var industry = []string{"行业/动态/本地", "行业/政策", "行业/动态/外地", "人物", "生活/饮食"}

func TestGet(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		w := plant(t, s, industry...)
		want := w.ids["政策"]
		address := w.stored(t, want).Slug
		unknown := typeid.New(typeid.Category, w.Clock())
		for _, c := range []struct {
			id, slug *string
			says     string
		}{
			{&want, nil, ""},
			{nil, &address, ""},
			{nil, nil, "BAD_USER_INPUT"},
			{&want, &address, "BAD_USER_INPUT"},
			{&unknown, nil, "NOT_FOUND"},
			{nil, new("unknown"), "NOT_FOUND"},
			{new(""), nil, "NOT_FOUND"},
			{nil, new(""), "NOT_FOUND"},
			{new("cat_\x00"), nil, "NOT_FOUND"},
			{nil, new("a\x00b"), "NOT_FOUND"},
			{new(typeid.New(typeid.Article, w.Clock())), nil, "NOT_FOUND"},
		} {
			row, err := w.Get(public, c.id, c.slug)
			if check.Problems(err) != c.says || (err == nil) != (row != nil) || row != nil && row.Name != "政策" {
				t.Errorf("%v %v: %v, %v", c.id, c.slug, row, err)
			}
		}
	})
}

func TestOrderOfSiblings(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		w := plant(t, s, industry...)
		_, err := w.Update(editor, category.UpdateInput{Category: w.ids["生活"], Position: new(-1)})
		check.NoError(t, err)
		_, err = w.Update(editor, category.UpdateInput{Category: w.ids["动态"], Position: new(7)})
		check.NoError(t, err)
		roots, err := w.Roots(public)
		check.NoError(t, err)
		check.Equal(t, "the top: by position, then by age", names(roots), "生活/行业/人物")
		children, err := w.Children(public, w.list("行业", "动态", "人物"))
		check.NoError(t, err)
		check.Equal(t, "below 行业", names(children[w.ids["行业"]]), "政策/动态")
		check.Equal(t, "below 动态", names(children[w.ids["动态"]]), "本地/外地")
		check.Equal(t, "parents with children", len(children), 2)
	})
}

func TestBreadcrumbsAndBelow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		w := plant(t, s, industry...)
		for name, want := range map[string]struct{ crumb, below string }{
			"行业": {"行业", "动态 外地 政策 本地 行业"},
			"动态": {"行业/动态", "动态 外地 本地"},
			"本地": {"行业/动态/本地", "本地"},
			"饮食": {"生活/饮食", "饮食"},
			"人物": {"人物", "人物"},
		} {
			// Asked for alone, or among others, twice: the same.
			for _, ids := range [][]string{w.list(name), append(w.list("外地", name, "生活", name), typeid.New(typeid.Category, s.Clock()))} {
				crumbs, err := w.Breadcrumbs(public, ids)
				check.NoError(t, err)
				check.Equal(t, "the way to "+name, names(crumbs[w.ids[name]]), want.crumb)
				check.Equal(t, "below "+name, w.below(t, ids, name), want.below)
			}
		}
		crumbs, err := w.Breadcrumbs(public, []string{typeid.New(typeid.Category, s.Clock())})
		check.NoError(t, err)
		for _, way := range crumbs {
			check.Equal(t, "the way to nowhere", names(way), "")
		}
	})
}

// below is the names in and below one category, out of an answer for several.
func (w *tree) below(t *testing.T, ids []string, name string) string {
	t.Helper()
	pairs, err := w.Below(public, ids)
	check.NoError(t, err)
	var found []string
	for _, p := range pairs {
		if p.ID == w.ids[name] {
			found = append(found, w.stored(t, p.Key).Name)
		}
	}
	slices.Sort(found)
	if len(slices.Compact(slices.Clone(found))) != len(found) {
		t.Errorf("some are listed twice: %v", found)
	}
	return strings.Join(found, " ")
}

func TestAboutNoCategory(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		w := plant(t, s, industry...)
		for _, none := range [][]string{nil, {}} {
			crumbs, err := w.Breadcrumbs(public, none)
			check.NoError(t, err)
			children, err := w.Children(public, none)
			check.NoError(t, err)
			below, err := w.Below(public, none)
			check.NoError(t, err)
			found, err := w.ByIDs(public, none)
			check.NoError(t, err)
			check.Equal(t, "found", len(crumbs)+len(children)+len(below)+len(found), 0)
		}
	})
}

// However many categories are asked about, the number of statements is the same.
func TestStatements(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		w := plant(t, s, "一/二/三/四/五/六", "甲/乙/丙/丁/戊/己", "子", "丑/寅")
		all := w.list("一", "二", "三", "四", "五", "六", "甲", "乙", "丙", "丁", "戊", "己", "子", "丑", "寅")
		for what, c := range map[string]struct {
			want int
			ask  func(ids []string) error
		}{
			"ByIDs":       {1, func(ids []string) error { _, err := w.ByIDs(public, ids); return err }},
			"Children":    {1, func(ids []string) error { _, err := w.Children(public, ids); return err }},
			"Breadcrumbs": {2, func(ids []string) error { _, err := w.Breadcrumbs(public, ids); return err }},
			"Below":       {1, func(ids []string) error { _, err := w.Below(public, ids); return err }},
			"Roots":       {1, func([]string) error { _, err := w.Roots(public); return err }},
		} {
			for _, n := range []int{1, 2, len(all)} {
				got := s.Count(func() { check.NoError(t, c.ask(all[:n])) })
				check.Equal(t, fmt.Sprintf("statements of %s for %d categories", what, n), got, c.want)
			}
		}
		found, err := w.ByIDs(public, append(all, typeid.New(typeid.Category, s.Clock())))
		check.NoError(t, err)
		check.Equal(t, "categories found by their ids", len(found), len(all))
	})
}
