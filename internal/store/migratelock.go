package store

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"entgo.io/ent/dialect"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// How long a program waits for another one that migrates the same database, and how often
// it looks.
const (
	migrationWait = 10 * time.Minute
	migrationPoll = 100 * time.Millisecond
)

// lockMigration waits until no other program migrates the database, and keeps others from
// it until unlock is called. It logs that it waits.
func (d *driver) lockMigration(ctx context.Context) (unlock func() error, err error) {
	ctx, cancel := context.WithTimeout(ctx, migrationWait)
	defer cancel()
	try := d.tryLockPostgres
	if d.Dialect() == dialect.SQLite {
		try = d.tryLockSQLite
	}
	ticks := time.NewTicker(migrationPoll)
	defer ticks.Stop()
	for waits := false; ; waits = true {
		unlock, err = try(ctx)
		if unlock != nil || err != nil {
			return unlock, err
		}
		if !waits {
			slog.InfoContext(ctx, "another program migrates the database; waiting for it", "at most", migrationWait)
		}
		select {
		case <-ctx.Done():
			return nil, fault.Wrap(ctx.Err(), fault.Unavailable, "another program still migrates the database; nothing was changed: wait for it, or end it, then start again")
		case <-ticks.C:
		}
	}
}

// tryLockPostgres takes an advisory lock; unlock is nil where another program has it. The
// lock belongs to a transaction, so it also works through a pooler of connections.
func (d *driver) tryLockPostgres(ctx context.Context) (unlock func() error, err error) {
	tx, err := d.write.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return nil, fmt.Errorf("lock the migrations: %w", err)
	}
	var locked bool
	// The transaction is idle while the migrations run on another connection.
	if _, err = tx.ExecContext(ctx, "SET LOCAL idle_in_transaction_session_timeout = 0"); err == nil {
		err = tx.QueryRowContext(ctx, "SELECT pg_try_advisory_xact_lock($1)", int64(MigrationLock)).Scan(&locked)
	}
	if err != nil || !locked {
		err = errors.Join(err, tx.Rollback())
		if err != nil {
			err = fmt.Errorf("lock the migrations: %w", err)
		}
		return nil, err
	}
	return func() error {
		if err := tx.Rollback(); err != nil && !errors.Is(err, stdsql.ErrTxDone) {
			return fmt.Errorf("unlock the migrations: %w", err)
		}
		return nil
	}, nil
}

// tryLockSQLite locks the folder of the file; unlock is nil where another program has it.
// It does not lock the file itself: closing that would end SQLite's own locks.
func (d *driver) tryLockSQLite(context.Context) (unlock func() error, err error) {
	folder, err := os.Open(filepath.Dir(d.path))
	if err != nil {
		return nil, fmt.Errorf("lock the migrations: %w", err)
	}
	err = syscall.Flock(int(folder.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return nil, folder.Close()
	case err != nil:
		return nil, errors.Join(fmt.Errorf("lock the migrations: %w", err), folder.Close())
	}
	return folder.Close, nil
}
