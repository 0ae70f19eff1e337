package publisher_test

import (
	"context"
	"testing"

	"github.com/tonggao/tonggao/internal/content/publisher"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestKept reads publishers from memory, as each role may see them, after each change.
func TestKept(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		row, missing := n.add(t, "青禾社区服务", false), typeid.New(typeid.Publisher, s.Clock())
		own := viewer.With(public, viewer.Viewer{Role: viewer.Publisher, Publisher: row.ID})
		read := func(who context.Context, what string, want ...string) {
			t.Helper()
			ctx, _, err := s.Read(who, 0, true)
			check.NoError(t, err)
			for i, name := range want {
				found, err := n.ByIDs(ctx, []string{row.ID, missing})
				check.NoError(t, err)
				named, err := n.ByIDsWithName(ctx, []string{row.ID})
				check.NoError(t, err)
				if found[missing] != nil || name == "" && found[row.ID] != nil || name != "" && (found[row.ID].Name != name || named[row.ID].Name != name) {
					t.Errorf("%s: %v, %v", what, found, named)
				}
				if count := s.Count(func() { _, err = n.ByIDs(ctx, []string{row.ID, missing}) }); count != 0 || err != nil {
					t.Errorf("%s, time %d: %d statements, %v", what, i, count, err)
				}
			}
		}
		for range 2 {
			read(public, "the public", "青禾社****", "青禾社****")
			read(own, "its own", "青禾社区服务")
			read(editor, "staff", "青禾社区服务")
			read(system, "the program", "青禾社区服务")
		}
		_, err := n.Update(editor, publisher.UpdateInput{Publisher: row.ID, Public: new(true)})
		check.NoError(t, err)
		read(public, "made public", "青禾社区服务")
		check.NoError(t, n.Delete(editor, row.ID))
		read(public, "deleted", "")
	})
}
