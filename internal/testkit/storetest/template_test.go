package storetest_test

import (
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestCopies checks that stores made from the template have the whole schema and share no
// content.
func TestCopies(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, first *storetest.Store) {
		second := storetest.SQLite(t)
		if first.URL[:8] == "postgres" {
			second, _ = storetest.Postgres(t)
		}
		missing, err := first.Drift(t.Context())
		if err != nil || missing != "" {
			t.Errorf("the copy lacks: %v\n%s", err, missing)
		}
		system := viewer.AsSystem(t.Context())
		now := first.Clock()
		if err := first.Client(system).Region.Create().SetID("reg_1").SetSlug("linlan").SetName("临澜市").SetCreatedAt(now).SetUpdatedAt(now).Exec(system); err != nil {
			t.Fatal(err)
		}
		if n, err := second.Client(system).Region.Query().Count(system); err != nil || n != 0 {
			t.Errorf("the second store has %d regions, %v", n, err)
		}
	})
}
