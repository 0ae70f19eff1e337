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

// TestPool gives a database to tests in turn: each finds it empty, and with the schema of the
// migrations, also after a test that changed it.
func TestPool(t *testing.T) {
	t.Parallel()
	system := viewer.AsSystem(t.Context())
	for _, damage := range []string{"INSERT INTO graves (id, at) VALUES ('art_1', 1)", "ALTER TABLE changes RENAME TO away", "DROP INDEX comment_token_id_created_at",
		"SELECT nextval('changes_position_seq')", "DELETE FROM goose_db_version WHERE version_id > 3"} {
		t.Run(damage, func(t *testing.T) {
			s, ok := storetest.Postgres(t)
			if !ok {
				return
			}
			if missing, err := s.Drift(system); err != nil || missing != "" {
				t.Errorf("the schema lacks %s, %v", missing, err)
			}
			for query, want := range map[string]string{"SELECT count(*)::text FROM graves": "0", "SELECT is_called::text FROM changes_position_seq": "false",
				"SELECT (max(version_id) > 3)::text FROM goose_db_version": "true"} {
				if got := ask(t, s.URL, query); got != want {
					t.Errorf("%s: %s, want %s", query, got, want)
				}
			}
			if _, err := s.Client(system).ExecContext(system, damage); err != nil {
				t.Fatal(err)
			}
		})
	}
}
