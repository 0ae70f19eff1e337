package store

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect"

	"github.com/tonggao/tonggao/ent"
)

// AdvisoryLock is the key of one of PostgreSQL's advisory locks. All keys that the
// program uses are listed here, so that no two packages take the same one.
type AdvisoryLock int64

// The advisory locks.
const (
	ChangeFeedLock AdvisoryLock = 0x746f6e6767616f21 // "tonggao!"
	AuditLock      AdvisoryLock = 0x746f6e6761756474 // "tongaudt"
	ErasureLock    AdvisoryLock = 0x746f6e6765726173 // "tongeras"
)

// LockAdvisory waits for an advisory lock of PostgreSQL and holds it until the
// transaction of c ends. On SQLite it does nothing; see Lock.
func (s *Store) LockAdvisory(ctx context.Context, c *ent.Client, key AdvisoryLock) error {
	return s.Lock(ctx, c, "SELECT pg_advisory_xact_lock($1)", int64(key))
}

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
