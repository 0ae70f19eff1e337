package category_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	entcategory "github.com/tonggao/tonggao/ent/category"
	"github.com/tonggao/tonggao/ent/change"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// tree is a portal with categories that tests find by name.
type tree struct {
	*portal.Portal
	*category.Service

	ids map[string]string
}

var (
	system = portal.System()
	editor = as(viewer.Editor)
	public = context.Background()
)

func as(role viewer.Role) context.Context {
	return viewer.With(context.Background(), viewer.Viewer{Role: role, TokenID: "tok_x", Publisher: "pub_x"})
}

// plant creates the categories of paths such as "行业/动态", in their order.
func plant(t *testing.T, s *storetest.Store, paths ...string) *tree {
	t.Helper()
	w := &tree{Portal: portal.New(t, s), Service: category.New(s.Store, changefeed.New(s.Store)), ids: map[string]string{"": ""}}
	for _, path := range paths {
		above := ""
		for name := range strings.SplitSeq(path, "/") {
			if w.ids[name] == "" {
				row, err := w.Create(editor, category.CreateInput{Name: name, Parent: new(w.ids[above])})
				check.NoError(t, err)
				w.ids[name] = row.ID
			}
			above = name
		}
	}
	return w
}

// list returns the ids of several names.
func (w *tree) list(names ...string) []string {
	ids := make([]string, len(names))
	for i, name := range names {
		ids[i] = w.ids[name]
	}
	return ids
}

// move moves a category below another.
func (w *tree) move(name, parent string) error {
	_, err := w.Update(editor, category.UpdateInput{Category: w.ids[name], Parent: new(w.ids[parent])})
	return err
}

// drawn returns the whole tree as "行业/动态 行业 政策", sorted.
func (w *tree) drawn(t *testing.T) string {
	t.Helper()
	ids, err := w.Client(system).Category.Query().IDs(system)
	check.NoError(t, err)
	crumbs, err := w.Breadcrumbs(public, ids)
	check.NoError(t, err)
	lines := make([]string, len(ids))
	for i, id := range ids {
		lines[i] = names(crumbs[id])
	}
	slices.Sort(lines)
	return strings.Join(lines, " ")
}

// file writes an article into a category.
func (w *tree) file(id string, state article.Status) error {
	return w.NewArticle(state, func(c *ent.ArticleCreate) { c.SetCategoryID(id) }).Exec(system)
}

// logged returns the change log after the first entries, such as "CREATED 行业, DELETED".
func (w *tree) logged(t *testing.T, from int) string {
	t.Helper()
	rows, err := w.Client(system).Change.Query().Order(ent.Asc(change.FieldID)).All(system)
	check.NoError(t, err)
	entries := []string{}
	for _, row := range rows[from:] {
		payload, rest, _ := strings.Cut(row.Payload, `,"createdAt":`)
		if rest != "" {
			payload += "}"
		}
		entries = append(entries, strings.TrimSpace(row.Kind+" "+payload))
		if row.ItemType != "Category" || !typeid.Is(typeid.Category, row.ItemID) || row.At != w.Clock() {
			t.Errorf("an odd entry: %v", row)
		}
	}
	return strings.Join(entries, "\n")
}

func (w *tree) count(t *testing.T) (categories, entries int) {
	t.Helper()
	categories, err := w.Client(system).Category.Query().Count(system)
	check.NoError(t, err)
	entries, err = w.Client(system).Change.Query().Count(system)
	check.NoError(t, err)
	return categories, entries
}

func (w *tree) stored(t *testing.T, id string) *ent.Category {
	t.Helper()
	row, err := w.Client(system).Category.Query().Where(entcategory.ID(id)).Only(system)
	check.NoError(t, err)
	return row
}

func names(rows []*ent.Category) string {
	list := make([]string, len(rows))
	for i, row := range rows {
		list[i] = row.Name
	}
	return strings.Join(list, "/")
}
