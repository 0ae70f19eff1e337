package store

import (
	"cmp"
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/retry"
	"github.com/tonggao/tonggao/internal/store/invalidation"
)

// Attempts at a transaction that PostgreSQL aborts because of another one, and the delays
// between them.
const (
	maxAttempts = 4
	firstPause  = 20 * time.Millisecond
	maxPause    = 80 * time.Millisecond
)

// Tx runs do in a transaction: the one in ctx, if there is one, or a new one that is
// committed when do returns nil and rolled back on an error or a panic. Do must use the
// context and the client that it receives. It runs again, at most three times, if
// PostgreSQL aborted the transaction because of another one (a deadlock or a
// serialization failure), so it must not accumulate anything outside of itself.
//
// A rule that reads and then writes locks the rows that it is about before it reads them:
// see LockRows and LockItems.
func (s *Store) Tx(ctx context.Context, do func(context.Context, *ent.Client) error) error {
	if tx := ent.TxFromContext(ctx); tx != nil {
		return do(ctx, tx.Client())
	}
	for attempt := 1; ; attempt++ {
		err := s.attempt(ctx, do)
		if attempt == maxAttempts || !isPostgres(err, serializationFailure, deadlockDetected) || !pause(ctx, attempt) {
			return conflict(err)
		}
	}
}

// pause waits before the next attempt and reports false where ctx ended first.
func pause(ctx context.Context, attempt int) bool {
	timer := time.NewTimer(retry.Exponential(attempt, firstPause, maxPause, rand.Float64()))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// attempt runs do in a new transaction, once.
func (s *Store) attempt(ctx context.Context, do func(context.Context, *ent.Client) error) error {
	ctx, writes := invalidation.WithWrites(ctx)
	tx, err := s.client.Tx(ctx)
	if err != nil {
		return unavailable(err)
	}
	done := false
	defer func() {
		if !done {
			_ = tx.Rollback()
		}
	}()
	if err := do(ent.NewTxContext(ctx, tx), tx.Client()); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return unavailable(err)
	}
	var count int64
	if writes.Unlogged() {
		if count, err = countOnce(ctx, tx.Client()); err != nil {
			return unavailable(cmp.Or(ctx.Err(), err)) // where the client has left, the statement met a closed transaction
		}
	}
	done = true // also a commit that fails ends the transaction
	err = tx.Commit()
	writes.Invalidate(s.driver.tracker) // once more: what is kept in memory has only now been renewed
	if err == nil && count > 0 {
		s.driver.tracker.CommittedUnlogged(count)
	}
	return s.commitError(err)
}

// commitError returns err, why a commit failed, as an error for the user. If the database
// refused the commit, or it was not sent, nothing was written. Otherwise the answer to it
// was lost, and only the database knows the outcome.
func (s *Store) commitError(err error) error {
	if err == nil || isPostgres(err, serializationFailure, deadlockDetected) || isBusy(err) {
		return err
	}
	if s.wasRolledBack(err) {
		return unavailable(err)
	}
	return fault.Wrap(err, fault.OutcomeUnknown,
		"the database did not confirm the change, which may have been written: look before you try again, or send it again with the same idempotencyKey")
}

// wasRolledBack reports whether a commit that failed with err has certainly written
// nothing. Pgx also reports a connection that broke after the COMMIT as one that was closed
// before it.
func (s *Store) wasRolledBack(err error) bool {
	if s.Engine == dialect.SQLite {
		var lite sqlite3.Error
		return !errors.As(err, &lite) || lite.Code != sqlite3.ErrIoErr
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return !strings.HasPrefix(pg.Code, "57") && !strings.HasPrefix(pg.Code, "08") // operator intervention, connection exceptions
	}
	return errors.Is(err, stdsql.ErrTxDone) || errors.Is(err, pgx.ErrTxCommitRollback)
}

// Savepoint runs do, which sends one statement that may fail, such as an insert of a value
// that must be unique: after its error the transaction of c can continue. SQLite undoes a
// statement that fails on its own.
func (s *Store) Savepoint(ctx context.Context, c *ent.Client, do func() error) error {
	if s.Engine == dialect.SQLite {
		return do()
	}
	if _, err := c.ExecContext(ctx, "SAVEPOINT statement"); err != nil {
		return fmt.Errorf("set a savepoint: %w", err)
	}
	failed := do()
	end := "RELEASE SAVEPOINT statement"
	if failed != nil {
		end = "ROLLBACK TO SAVEPOINT statement"
	}
	if _, err := c.ExecContext(ctx, end); err != nil {
		return errors.Join(failed, fmt.Errorf("end a savepoint: %w", err))
	}
	return failed
}

// Load runs do in a transaction and returns its row, detached from the transaction so that
// its edges can be loaded after the commit.
func Load[T interface{ Unwrap() T }](ctx context.Context, s *Store, do func(context.Context, *ent.Client) (T, error)) (T, error) {
	var row T
	joined := ent.TxFromContext(ctx) != nil
	err := s.Tx(ctx, func(ctx context.Context, c *ent.Client) (err error) {
		row, err = do(ctx, c)
		return err
	})
	if err != nil {
		var none T
		return none, err
	}
	if !joined {
		row = row.Unwrap()
	}
	return row, nil
}

func unavailable(err error) error {
	if err == nil || fault.CodeOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(err, fault.Unavailable, "the database does not take the change right now; nothing was written, try again in a moment")
}
