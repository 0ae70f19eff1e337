package region_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/tonggao/tonggao/internal/content/region"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestKept compares what is answered from memory with what the database answers, after each
// of some changes.
func TestKept(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		ids := []string{typeid.New(typeid.Region, s.Clock())}
		said := func(ctx context.Context) (text string) {
			all, err := n.List(ctx)
			check.NoError(t, err)
			found, err := n.ByIDs(ctx, ids)
			check.NoError(t, err)
			text = fmt.Sprint(all, len(found))
			for _, id := range ids {
				row, err := n.Get(ctx, &id, nil)
				text += fmt.Sprint(row, check.Problems(err), found[id])
				if row != nil {
					bySlug, err := n.Get(ctx, nil, &row.Slug)
					text += fmt.Sprint(bySlug, err)
				}
			}
			return text
		}
		for _, change := range []func() error{
			func() error { return nil },
			func() error {
				for i := range 3 {
					row, err := n.Create(system, region.CreateInput{Name: fmt.Sprintf("第%d区", i)})
					if err != nil {
						return err
					}
					ids = append(ids, row.ID)
				}
				return nil
			},
			func() error {
				_, err := n.Update(system, region.UpdateInput{Region: ids[2], Position: new(-1)})
				return err
			},
			func() error { return n.Delete(system, ids[1]) },
		} {
			check.NoError(t, change())
			reading, _, err := s.Read(public, 0, true)
			check.NoError(t, err)
			check.Equal(t, "from memory", said(reading), said(public))
			check.Equal(t, "statements", s.Count(func() { said(reading) }), 0)
		}
	})
}
