package category_test

import (
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

func path(names string) []category.Node {
	var nodes []category.Node
	for name := range strings.SplitSeq(names, "/") {
		nodes = append(nodes, category.Node{Name: name})
	}
	return nodes
}

func TestEnsure(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		w := plant(t, s, "行业/动态")
		for _, c := range []struct{ path, tree string }{
			{"行业", "行业 行业/动态"},
			{" 行业 / 动态 ", "行业 行业/动态"},
			{"动态", "动态 行业 行业/动态"}, // at the top, it is another one
			{"行业/政策/解读", "动态 行业 行业/动态 行业/政策 行业/政策/解读"},
			{"行业/政策/解读", "动态 行业 行业/动态 行业/政策 行业/政策/解读"},
		} {
			leaf, err := w.Ensure(system, path(c.path))
			check.NoError(t, err)
			check.Equal(t, c.path, w.drawn(t), c.tree)
			crumbs, err := w.Breadcrumbs(public, []string{leaf.ID})
			check.NoError(t, err)
			check.Equal(t, "the way to it", names(crumbs[leaf.ID]), strings.ReplaceAll(c.path, " ", ""))
		}
		leaf, err := w.Ensure(editor, []category.Node{{Name: "行业", Slug: "ignored"}, {Name: "人物", Slug: "people"}})
		check.NoError(t, err)
		check.Equal(t, "the slug of what is new", leaf.Slug, "people")
		categories, entries := w.count(t)
		check.Equal(t, "entries for each category", entries, categories)
	})
}

func TestEnsureRefuses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		w := plant(t, s, "行业")
		_, err := w.Update(editor, category.UpdateInput{Category: w.ids["行业"], Slug: new("hy")})
		check.NoError(t, err)
		for _, c := range []struct {
			path []category.Node
			says string
		}{
			{nil, "BAD_USER_INPUT"},
			{path("新/"), "name REQUIRED"},
			{path("新/有\x00的"), "name INVALID"},
			{path("新/" + strings.Repeat("长", 51)), "name TOO_LONG"},
			{path("新/二/三/四/五/六/七"), "parent INVALID"},
			{[]category.Node{{Name: "新"}, {Name: "闻", Slug: "HY"}}, "slug INVALID"},
			{[]category.Node{{Name: "新"}, {Name: "闻", Slug: "hy"}}, "slug TAKEN"},
		} {
			_, err := w.Ensure(system, c.path)
			check.Equal(t, "the answer", check.Problems(err), c.says)
		}
		check.Equal(t, "the tree, without halves of paths", w.drawn(t), "行业")
	})
}

// TestEnsureConcurrently asserts that imports that run at once find or create the same
// categories.
func TestEnsureConcurrently(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		w := plant(t, s)
		said := check.Together(6, func(worker int) error {
			_, err := w.Ensure(system, path([]string{"行业/动态", "行业/政策", "行业/动态/本地"}[worker%3]))
			return err
		})
		check.Equal(t, "the answers", strings.Join(said, ""), "")
		check.Equal(t, "the tree", w.drawn(t), "行业 行业/动态 行业/动态/本地 行业/政策")
	})
}
