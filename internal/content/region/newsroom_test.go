package region_test

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
	"github.com/tonggao/tonggao/ent/change"
	"github.com/tonggao/tonggao/internal/content/region"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// newsroom is a store with the service under test.
type newsroom struct {
	*storetest.Store
	*region.Service
}

var (
	system = viewer.AsSystem(context.Background())
	editor = as(viewer.Editor)
	public = context.Background()
)

func as(role viewer.Role) context.Context {
	return viewer.With(context.Background(), viewer.Viewer{Role: role, TokenID: "tok_x", Publisher: "pub_x"})
}

func open(s *storetest.Store) *newsroom {
	return &newsroom{Store: s, Service: region.New(s.Store, changefeed.New(s.Store))}
}

// add makes a region.
func (n *newsroom) add(t *testing.T, name, slug string, position int) *ent.Region {
	t.Helper()
	row, err := n.Create(editor, region.CreateInput{Name: name, Slug: &slug, Position: position})
	must(t, err)
	return row
}

// write writes an article about a region.
func (n *newsroom) write(id string, state article.Status) error {
	n.Advance(1_000_000)
	c, now := n.Client(system), n.Clock()
	category, publisher, article := typeid.New(typeid.Category, now), typeid.New(typeid.Publisher, now), typeid.New(typeid.Article, now)
	err := c.Category.Create().SetID(category).SetSlug(category).SetName("行业动态").SetCreatedAt(now).SetUpdatedAt(now).Exec(system)
	if err != nil {
		return err
	}
	err = c.Publisher.Create().SetID(publisher).SetName("青禾社区").SetCreatedAt(now).SetUpdatedAt(now).Exec(system)
	if err != nil {
		return err
	}
	return c.Article.Create().SetID(article).SetSlug(article).SetTitle("溪口镇新开一家社区食堂").SetStatus(state).
		SetListedAt(now).SetCreatedAt(now).SetUpdatedAt(now).SetSearchSlot(int64(now)).
		SetCategoryID(category).SetPublisherID(publisher).SetRegionID(id).Exec(system)
}

// logged is what the change log tells, of all regions.
func (n *newsroom) logged(t *testing.T) string {
	t.Helper()
	rows, err := n.Client(system).Change.Query().Where(change.ItemType("Region")).Order(ent.Asc(change.FieldID)).All(system)
	must(t, err)
	entries := make([]string, len(rows))
	for i, row := range rows {
		payload, times, _ := strings.Cut(row.Payload, `,"createdAt":`)
		if times != "" {
			payload += "}"
		}
		entries[i] = strings.TrimSpace(row.Kind + " " + payload)
	}
	return strings.Join(entries, "\n")
}

// listed is the names and slugs of all regions, in order.
func (n *newsroom) listed(t *testing.T) string {
	t.Helper()
	rows, err := n.List(public)
	must(t, err)
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = row.Name + " " + row.Slug
	}
	return strings.Join(names, ", ")
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
