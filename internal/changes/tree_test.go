package changes_test

import (
	"testing"

	"github.com/tonggao/tonggao/internal/category"
	"github.com/tonggao/tonggao/internal/changes"
	"github.com/tonggao/tonggao/internal/storetest"
)

// TestRenamingAndMovingIsOneRow: what is filed in a category costs nothing when it
// is renamed or moved, in rows and in statements.
func TestRenamingAndMovingIsOneRow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s, 1)
		top, err := n.categories.Create(system, category.CreateInput{Name: "顶层"})
		n.need(err)
		below, err := n.categories.Create(system, category.CreateInput{Name: "下层"})
		n.need(err)
		n.category = []string{below.ID}
		change := func(in category.UpdateInput) (statements, rows int) {
			t.Helper()
			from, err := n.log.End(system)
			n.need(err)
			in.Category = below.ID
			statements = s.Count(func() {
				_, err := n.categories.Update(system, in)
				n.need(err)
			})
			list, err := n.log.Read(system, from, 100)
			n.need(err)
			return statements, len(list)
		}
		renameEmpty, _ := change(category.UpdateInput{Name: new("空的")})
		moveEmpty, _ := change(category.UpdateInput{Parent: &top.ID})
		change(category.UpdateInput{Parent: new("")})
		for range 40 {
			n.write()
		}
		reader := &replica{filter: changes.Filter{Category: &top.ID}, items: map[string]held{}}
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
func (n *newsroom) drain(r *replica) {
	n.t.Helper()
	for more := true; more; {
		var err error
		more, err = r.read(integrator, n.log, 1+n.random.IntN(40), false)
		n.need(err)
	}
}

// compare holds a copy to what the server shows.
func (n *newsroom) compare(r *replica) {
	n.t.Helper()
	got := map[string]string{}
	for id, item := range r.items {
		got[id] = item.text
	}
	if text := difference(got, n.view(integrator, r.filter)); text != "" {
		n.t.Fatalf("filter %s:\n%s", describe(r.filter), text)
	}
}
