package store

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect"
)

// Incomplete counts the articles that have no document or no place in the search
// index. It reads the whole site; it is for `tonggao doctor`.
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
