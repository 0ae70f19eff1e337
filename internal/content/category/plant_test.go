package category_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	entcategory "github.com/tonggao/tonggao/ent/category"
	"github.com/tonggao/tonggao/ent/change"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// tree is a store with categories that tests know by name.
type tree struct {
	*storetest.Store
	*category.Service

	ids map[string]string
}

var (
	system = viewer.AsSystem(context.Background())
	editor = as(viewer.Editor)
	public = context.Background()
)

func as(role viewer.Role) context.Context {
	return viewer.With(context.Background(), viewer.Viewer{Role: role, TokenID: "tok_x", Publisher: "pub_x"})
}

// plant makes the categories of paths such as "行业/动态", in their order.
func plant(t *testing.T, s *storetest.Store, paths ...string) *tree {
	t.Helper()
	w := &tree{Store: s, Service: category.New(s.Store, changefeed.New(s.Store)), ids: map[string]string{"": ""}}
	for _, path := range paths {
		above := ""
		for name := range strings.SplitSeq(path, "/") {
			if w.ids[name] == "" {
				row, err := w.Create(editor, category.CreateInput{Name: name, Parent: ptr(w.ids[above])})
				must(t, err)
				w.ids[name] = row.ID
			}
			above = name
		}
	}
	return w
}

// list is the ids of several names.
func (w *tree) list(names ...string) []string {
	ids := make([]string, len(names))
	for i, name := range names {
		ids[i] = w.ids[name]
	}
	return ids
}

// move puts a category below another.
func (w *tree) move(name, parent string) error {
	_, err := w.Update(editor, category.UpdateInput{Category: w.ids[name], Parent: ptr(w.ids[parent])})
	return err
}

// drawn is the whole tree as "行业/动态 行业 政策", sorted.
func (w *tree) drawn(t *testing.T) string {
	t.Helper()
	ids, err := w.Client(system).Category.Query().IDs(system)
	must(t, err)
	crumbs, err := w.Breadcrumbs(public, ids)
	must(t, err)
	lines := make([]string, len(ids))
	for i, id := range ids {
		lines[i] = names(crumbs[id])
	}
	slices.Sort(lines)
	return strings.Join(lines, " ")
}

// file writes an article into a category.
func (w *tree) file(id string, state article.Status) error {
	c, now := w.Client(system), w.Clock()
	publisher, err := c.Publisher.Create().SetID(typeid.New(typeid.Publisher, now)).SetName("青禾社区").
		SetCreatedAt(now).SetUpdatedAt(now).Save(system)
	if err != nil {
		return err
	}
	article := typeid.New(typeid.Article, now)
	return c.Article.Create().SetID(article).SetSlug(article).SetTitle("溪口镇新开一家社区食堂").SetStatus(state).
		SetListedAt(now).SetCreatedAt(now).SetUpdatedAt(now).SetSearchSlot(int64(now)).
		SetCategoryID(id).SetPublisherID(publisher.ID).Exec(system)
}

// logged is the change log from some entry on, such as "CREATED 行业, DELETED".
func (w *tree) logged(t *testing.T, from int) string {
	t.Helper()
	rows, err := w.Client(system).Change.Query().Order(ent.Asc(change.FieldID)).All(system)
	must(t, err)
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
	must(t, err)
	entries, err = w.Client(system).Change.Query().Count(system)
	must(t, err)
	return categories, entries
}

func (w *tree) stored(t *testing.T, id string) *ent.Category {
	t.Helper()
	row, err := w.Client(system).Category.Query().Where(entcategory.ID(id)).Only(system)
	must(t, err)
	return row
}

func names(rows []*ent.Category) string {
	list := make([]string, len(rows))
	for i, row := range rows {
		list[i] = row.Name
	}
	return strings.Join(list, "/")
}

// complaints is the fields that err complains of, such as "name REQUIRED"; any
// other error is its code.
func complaints(err error) string {
	var bad fault.Invalid
	if err != nil && !errors.As(err, &bad) {
		return string(fault.CodeOf(err))
	}
	list := make([]string, len(bad))
	for i, f := range bad {
		list[i] = strings.Join(f.Field, ".") + " " + f.Code
	}
	return strings.Join(list, ", ")
}

// together runs do so many times at once and gives what each complained of, sorted.
func together(workers int, do func(worker int) error) []string {
	said := make([]string, workers)
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() { said[worker] = complaints(do(worker)) })
	}
	wg.Wait()
	slices.Sort(said)
	return said
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func ptr[T any](v T) *T { return &v }

func expect(t *testing.T, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}
