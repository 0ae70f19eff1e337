package store_test

import (
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/invalidation"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestEveryTableIsKnown checks that the package invalidation knows every table of the database:
// what it does not know is not invalidated.
func TestEveryTableIsKnown(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		query := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
		if s.Engine == "postgres" {
			query = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
		}
		ctx := viewer.AsSystem(t.Context())
		rows, err := s.Client(ctx).QueryContext(ctx, query)
		check.NoError(t, err)
		defer rows.Close()
		for rows.Next() {
			var name string
			check.NoError(t, rows.Scan(&name))
			if !invalidation.Known(name) && !strings.HasPrefix(name, "search_") && name != "goose_db_version" {
				t.Errorf("the table %s is not known", name)
			}
		}
		check.NoError(t, rows.Err())
	})
}
