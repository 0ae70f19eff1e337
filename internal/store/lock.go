package store

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect"

	"github.com/tonggao/tonggao/ent"
)

// Lock runs a locking statement of PostgreSQL, such as LOCK TABLE or SELECT … FOR
// UPDATE, whose effect lasts until the transaction ends. On SQLite every writing
// transaction is alone, so there it does nothing.
func (s *Store) Lock(ctx context.Context, c *ent.Client, statement string, args ...any) error {
	if s.Engine != dialect.Postgres {
		return nil
	}
	if _, err := c.ExecContext(ctx, statement, args...); err != nil {
		return fmt.Errorf("lock (%s): %w", statement, err)
	}
	return nil
}
