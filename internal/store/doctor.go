package store

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"entgo.io/ent/dialect"

	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Incomplete counts the articles that have no document or no entry in the search index.
// It reads the whole site; it is for `tonggao doctor`.
func (s *Store) Incomplete(ctx context.Context) (int, error) {
	slot := "search.rowid"
	if s.Engine == dialect.Postgres {
		slot = "search.slot"
	}
	var n int
	err := s.driver.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM articles
		LEFT JOIN bodies ON bodies.id = articles.id
		LEFT JOIN search ON `+slot+` = articles.search_slot
		WHERE bodies.id IS NULL OR `+slot+` IS NULL`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count incomplete articles: %w", err)
	}
	return n, nil
}

// Locked counts the values that are encrypted with a key that this store does not have.
// It reads the whole site; it is for `tonggao doctor`, and for a change of keys.
func (s *Store) Locked(ctx context.Context) (int, error) {
	var count strings.Builder
	var args []any
	for i, c := range policy.SealedColumns() {
		if i > 0 {
			count.WriteString(" + ")
		}
		column := cmp.Or(c.Marker, c.Column)
		fmt.Fprintf(&count, "(SELECT COUNT(*) FROM %s WHERE %s LIKE '%s.%%'", c.Table, column, seal.Form)
		for _, key := range s.Keys.All() {
			args = append(args, key)
			fmt.Fprintf(&count, " AND substr(%s, 1, %d) <> $%d", column, len(key), len(args))
		}
		count.WriteString(")")
	}
	var n int
	if err := s.driver.read.QueryRowContext(ctx, "SELECT "+count.String(), args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count the values that cannot be decrypted: %w", err)
	}
	return n, nil
}
