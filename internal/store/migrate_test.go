package store_test

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestOpenTogether opens one database four times at once, an empty one and one of an
// earlier release: one migrates it, the others wait.
func TestOpenTogether(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		for _, age := range []string{"empty", "old"} {
			t.Run(engine+"/"+age, func(t *testing.T) {
				t.Parallel()
				url := storetest.SQLiteURL(t)
				switch {
				case age == "old":
					url, _, _ = stored(t, engine)
				case engine == "postgres":
					url, _ = storetest.PostgresDatabase(t)
				}
				var wg sync.WaitGroup
				errs := make([]error, 4)
				for i := range errs {
					wg.Go(func() {
						s, err := store.Open(context.Background(), store.Options{URL: url})
						if err == nil {
							err = s.Close()
						}
						errs[i] = err
					})
				}
				wg.Wait()
				check.Equal(t, "the errors", errors.Join(errs...), error(nil))
			})
		}
	}
}

// TestUpgradeOfDoubleTakedowns opens a database in which two takedowns of an article are in
// force, as earlier releases could leave it: the first one stays.
func TestUpgradeOfDoubleTakedowns(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			url, driver, dsn := stored(t, engine)
			const insert = `INSERT INTO measures (id, item, report_id, before, reason, taken_by, taken_at, lift_reason, lifted_by, lifted_at)
				VALUES ('mea_2', 'art_x', '', 'TAKEN_DOWN', '', '', 7, '', '', NULL), ('mea_1', 'art_x', '', 'PUBLISHED', '', '', 6, '', '', NULL),
				('mea_0', 'art_x', '', 'DRAFT', '', '', 4, '', '', 5), ('mea_3', 'art_y', '', 'DRAFT', '', '', 4, '', '', NULL)`
			execute(t, driver, dsn, insert)
			s := storetest.Open(t, url)
			ctx := viewer.AsSystem(t.Context())
			for id, inForce := range map[string]bool{"mea_0": false, "mea_1": true, "mea_2": false, "mea_3": true} {
				check.Equal(t, id+" is in force", s.Client(ctx).Takedown.GetX(ctx, id).LiftedAt == nil, inForce)
			}
		})
	}
}

// execute runs a statement without the program.
func execute(t *testing.T, driver, dsn, statement string) {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	check.NoError(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), statement)
	check.NoError(t, err)
}
