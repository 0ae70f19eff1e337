package changefeed_test

import (
	"testing"

	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestMoveCategoryIsOneRow renames and moves a category: its articles cost neither rows nor
// statements.
func TestMoveCategoryIsOneRow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s, 1)
		top, err := n.Categories.Create(system, category.CreateInput{Name: "顶层"})
		n.Must(err)
		below, err := n.Categories.Create(system, category.CreateInput{Name: "下层"})
		n.Must(err)
		n.CategoryIDs = []string{below.ID}
		change := func(in category.UpdateInput) (statements, rows int) {
			t.Helper()
			from, err := n.Log.End(system)
			n.Must(err)
			in.Category = below.ID
			statements = s.Count(func() {
				_, err := n.Categories.Update(system, in)
				n.Must(err)
			})
			list, err := n.Log.Read(system, from, 100)
			n.Must(err)
			return statements, len(list)
		}
		renameEmpty, _ := change(category.UpdateInput{Name: new("空的")})
		moveEmpty, _ := change(category.UpdateInput{Parent: &top.ID})
		change(category.UpdateInput{Parent: new("")})
		for range 40 {
			n.Write()
		}
		reader := &replica{filter: changefeed.Filter{Category: &top.ID}, items: map[string]held{}}
		n.drain(reader)
		statements, rows := change(category.UpdateInput{Name: new("四十篇")})
		if statements != renameEmpty || rows != 1 {
			t.Errorf("renaming took %d statements (%d where it is empty) and %d rows", statements, renameEmpty, rows)
		}
		for _, parent := range []string{top.ID, ""} {
			if statements, rows = change(category.UpdateInput{Parent: &parent}); statements > moveEmpty || rows != 1 {
				t.Errorf("moving took %d statements (%d where it is empty) and %d rows", statements, moveEmpty, rows)
			}
			n.drain(reader)
			n.compare(reader)
		}
	})
}

// drain reads until there is no more.
func (n *fixture) drain(r *replica) {
	n.t.Helper()
	for more := true; more; {
		var err error
		more, err = r.read(integrator, n.Log, 1+n.Random.IntN(40), false)
		n.Must(err)
	}
}

// compare holds a copy to what the server shows.
func (n *fixture) compare(r *replica) {
	n.t.Helper()
	got := map[string]string{}
	for id, item := range r.items {
		got[id] = item.text
	}
	if text := difference(got, n.view(integrator, r.filter)); text != "" {
		n.t.Fatalf("filter %s:\n%s", describe(r.filter), text)
	}
}
