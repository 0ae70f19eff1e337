package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestSealOld writes without a key, then with one, then with a newer one: after SealOld all
// values are encrypted with the newest, and only its holder reads what was written.
func TestSealOld(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, plain *storetest.Store) {
		ctx := viewer.AsSystem(context.Background())
		older, newer := seal.NewKey(), seal.NewKey()
		with := func(keys string) *store.Store {
			s, err := store.Open(ctx, store.Options{URL: plain.URL, Clock: plain.Clock, Keys: func() (seal.Ring, error) { return seal.Parse(keys) }})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			return s
		}
		const address, evidence = "203.0.113.77", `{"contact":"13900000000"}`
		write := func(s *store.Store, id string) {
			t.Helper()
			c, now := s.Client(ctx), s.Clock()
			err := c.Report.Create().SetID(id).SetKind(report.KindOTHER).SetTarget("pub_x").SetStatement("说明").SetReceipt(id).SetMissing([]string{}).
				SetFiledAt(now).SetDueAt(now).SetEvidence(evidence).SetOriginAddress(address).Exec(ctx)
			if err != nil {
				t.Fatal(err)
			}
		}
		write(with(""), "rep_1")
		write(with(older), "rep_2")
		s := with(newer + "," + older)
		if n, _, err := s.SealOld(ctx); err != nil || n != 4 {
			t.Fatalf("%d sealed, %v", n, err)
		}
		if n, _, err := s.SealOld(ctx); err != nil || n != 0 {
			t.Errorf("the second time %d are sealed, %v", n, err)
		}
		write(s, "rep_3")
		if n, err := s.Locked(ctx); err != nil || n != 0 {
			t.Errorf("with all keys %d values stay closed, %v", n, err)
		}
		lost := with(older)
		if n, err := lost.Locked(ctx); err != nil || n != 6 {
			t.Errorf("with another key %d values stay closed, %v; want those of three rows", n, err)
		}
		if _, n, err := with(seal.NewKey()).SealOld(ctx); err != nil || n != 6 {
			t.Errorf("sealing anew with a key that opens nothing leaves %d values closed, %v", n, err)
		}
		closed, err := with("").Client(ctx).Report.Query().All(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range closed {
			if !seal.Is(row.OriginAddress) || !seal.Is(row.Evidence) {
				t.Errorf("%s is stored as %q, %q", row.ID, row.OriginAddress, row.Evidence)
			}
		}
		open, err := with(newer).Client(ctx).Report.Query().All(ctx)
		if err != nil || len(open) != 3 {
			t.Fatal(len(open), err)
		}
		for _, row := range open {
			if row.OriginAddress != address || row.Evidence != evidence {
				t.Errorf("%s is read as %q, %q", row.ID, row.OriginAddress, row.Evidence)
			}
		}
		// What is sealed does not open in another row.
		err = plain.Client(ctx).Report.UpdateOneID("rep_1").SetEvidence(closed[1].Evidence).Exec(ctx)
		if err != nil {
			t.Fatal(err)
		}
		moved, err := with(newer).Client(ctx).Report.Get(ctx, "rep_1")
		if err != nil || moved.Evidence == evidence {
			t.Errorf("moved to another row it is read as %q, %v", moved.Evidence, err)
		}
	})
}

// TestSealOldInBatches writes more rows than one statement looks at, of which only the last has
// something to encrypt.
func TestSealOldInBatches(t *testing.T) {
	t.Parallel()
	plain, ctx := storetest.SQLite(t), viewer.AsSystem(context.Background())
	open := func(keys string) *store.Store {
		s, err := store.Open(ctx, store.Options{URL: plain.URL, Clock: plain.Clock, Keys: func() (seal.Ring, error) { return seal.Parse(keys) }})
		check.NoError(t, err)
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	check.NoError(t, open("").Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		for batch := range 3 {
			_, err := c.Report.MapCreateBulk(make([]struct{}, 1000), func(create *ent.ReportCreate, i int) {
				id, evidence := fmt.Sprintf("rep_%d%03d", batch, i), ""
				if id == "rep_2999" {
					evidence = "材料"
				}
				create.SetID(id).SetKind(report.KindOTHER).SetTarget("pub_x").SetStatement("说明").SetReceipt(id).SetMissing([]string{}).
					SetFiledAt(plain.Clock()).SetDueAt(plain.Clock()).SetEvidence(evidence)
			}).Save(ctx)
			if err != nil {
				return err
			}
		}
		return nil
	}))
	s := open(storetest.Key)
	n, locked, err := s.SealOld(ctx)
	check.NoError(t, err)
	check.Equal(t, "sealed and locked values", []int{n, locked}, []int{1, 0})
	row, err := open("").Client(ctx).Report.Get(ctx, "rep_2999")
	check.NoError(t, err)
	check.Equal(t, "the last row is encrypted", seal.Is(row.Evidence), true)
}
