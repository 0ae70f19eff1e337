package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"entgo.io/ent/dialect"
	"github.com/jackc/pgx/v5"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// FreeSpace returns how many bytes of the disk of an SQLite file are free; ok is false on
// PostgreSQL and where that is not known.
func (s *Store) FreeSpace() (bytes uint64, ok bool) {
	if s.driver.file == nil {
		return 0, false
	}
	free, _, ok := diskSpace(s.driver.file.path)
	return free, ok
}

// check returns why the database cannot do its work. PostgreSQL's server checks its own
// files. A SELECT succeeds on a corrupt SQLite file, so there the result of the last check
// of its pages counts too.
func (d *driver) check(ctx context.Context) error {
	if d.Dialect() == dialect.Postgres {
		if err := d.tryWrite(ctx); err != nil {
			return err
		}
		return d.retryWrite(ctx)
	}
	var tables int
	if err := d.read.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return classify(err)
	}
	if err := d.file.check(d.readOnly); err != nil {
		return err
	}
	return errors.Join(d.retryWrite(ctx), d.sound.result(ctx))
}

// probe is the setting that probes write.
const probe = "write_probe"

// tryWrite writes a row and rolls that back; where the store only reads, it reads. It has a
// connection of the pool for long work: that all writers wait for a lock does not mean that
// this program cannot work.
func (d *driver) tryWrite(ctx context.Context) error {
	if d.readOnly {
		return d.long.PingContext(ctx)
	}
	t, err := d.long.begin(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin to write: %w", err)
	}
	_, err = t.ExecContext(ctx, "INSERT INTO settings (name, value) VALUES ($1, '') ON CONFLICT (name) DO NOTHING", probe)
	if rollback := t.Rollback(); err == nil {
		err = rollback
	}
	return err
}

// probeBytes is more than an engine writes into space that it has already.
const probeBytes = 64 << 10

// retryWrite writes and removes a value, if the last write failed because the disk is full,
// fails or is read-only. That it is full shows only when a write is committed.
func (d *driver) retryWrite(ctx context.Context) error {
	if d.readOnly || d.write.failure.Load() == nil {
		return nil
	}
	for _, statement := range []string{
		fmt.Sprintf("INSERT INTO settings (name, value) VALUES ('%s', $1) ON CONFLICT (name) DO UPDATE SET value = $1", probe),
		fmt.Sprintf("DELETE FROM settings WHERE name = '%s' AND value = $1", probe),
	} {
		if _, err := d.write.ExecContext(ctx, statement, strings.Repeat("-", probeBytes)); err != nil {
			return err
		}
	}
	return nil
}

// file is the file of an SQLite database that is open.
type file struct {
	path string
	info os.FileInfo
}

var errReplaced = fault.Error{Code: fault.Unavailable, Retry: later,
	Message: "the file of the database was deleted or replaced while it was open; nothing is written any more: the operator must put it back or restart"}

// check returns an error unless the file can take writes.
func (f *file) check(readOnly bool) error {
	if err := f.same(); err != nil || readOnly {
		return err
	}
	free, mountedReadOnly, known := diskSpace(f.path)
	switch {
	case mountedReadOnly:
		return &fault.Error{Code: fault.Unavailable, Message: readOnlyDisk, Retry: later}
	case known && free < leastSpace:
		return &fault.Error{Code: fault.Unavailable, Message: diskFull, Retry: later, Cause: fmt.Errorf("%d bytes are free", free)}
	}
	return nil
}

// leastSpace is how many bytes of the disk must be free.
const leastSpace = 4 << 20

const readOnlyDisk = "the disk of the database is mounted read-only: nothing can be written"

// same returns an error unless the file at the path is the one that is open. What is
// written into a file without a name is lost.
func (f *file) same() error {
	now, err := os.Stat(f.path)
	if err == nil && os.SameFile(f.info, now) {
		return nil
	}
	replaced := errReplaced
	replaced.Cause = errors.Join(err, pgx.ErrTxCommitRollback) // so the outcome of a commit is known
	return &replaced
}
