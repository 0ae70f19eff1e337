package store

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"strings"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/store/invalidation"
)

// driver sends reads to the pool of readers, writes to that of writers, and on PostgreSQL
// long work to a pool of its own.
type driver struct {
	dialect           string
	write, read, long *pool
	sequence          *stdsql.DB // of the sequencers, on PostgreSQL
	standbys          *standbys  // nil: there are none
	observe           func(string)
	path              string // of the SQLite file
	created           bool   // the SQLite file is new
	file              *file  // of SQLite
	readOnly          bool
	sound             *soundness
	tracker           *invalidation.Tracker
}

func connect(ctx context.Context, o Options) (*driver, error) {
	o.Limits = o.Limits.withDefaults()
	d := &driver{observe: o.Observe, readOnly: o.ReadOnly, tracker: invalidation.New()}
	if d.observe == nil {
		d.observe = func(string) {}
	}
	d.sound = newSoundness(o.Clock, d.checkPages)
	scheme, rest, _ := strings.Cut(o.URL, ":")
	var err error
	switch scheme {
	case "sqlite":
		d.dialect, err = dialect.SQLite, d.openSQLite(ctx, rest, o)
	case "postgres", "postgresql":
		d.dialect, err = dialect.Postgres, d.openPostgres(ctx, o)
	default:
		err = fault.New(fault.BadUserInput, "the database must be sqlite:PATH or postgres://USER@HOST/NAME, not %q", scheme+":…")
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Dialect implements dialect.Driver.
func (d *driver) Dialect() string { return d.dialect }

// errReadOnly refuses a write to a store that only reads.
var errReadOnly = fault.New(fault.Unavailable, "this server only reads (--read-only): send writes to one that may write")

// pool returns the pool for work of the class of ctx.
func (d *driver) pool(ctx context.Context, usual *pool) *pool {
	if d.long != nil && classOf(ctx) == long {
		return d.long
	}
	return usual
}

// Query sends statements that only read to the readers.
func (d *driver) Query(ctx context.Context, query string, args, v any) error {
	d.observed(ctx, query)
	if strings.HasPrefix(query, "SELECT") || strings.HasPrefix(query, "WITH") {
		invalidation.Statement(ctx, query)
		return sql.Conn{ExecQuerier: d.reader(ctx)}.Query(ctx, query, args, v)
	}
	if d.readOnly {
		return errReadOnly
	}
	err := sql.Conn{ExecQuerier: d.pool(ctx, d.write)}.Query(ctx, query, args, v)
	d.changed(ctx, query) // it cannot be counted while its rows hold the connection
	return err
}

// Exec sends a statement to the writers.
func (d *driver) Exec(ctx context.Context, query string, args, v any) error {
	d.observed(ctx, query)
	if d.readOnly {
		return errReadOnly
	}
	err := sql.Conn{ExecQuerier: d.pool(ctx, d.write)}.Exec(ctx, query, args, v)
	return d.written(ctx, query, err)
}

// QueryContext runs a hand-written statement that reads.
func (d *driver) QueryContext(ctx context.Context, query string, args ...any) (*stdsql.Rows, error) {
	d.observed(ctx, query)
	invalidation.Statement(ctx, query)
	return d.reader(ctx).QueryContext(ctx, query, args...)
}

// ExecContext runs a hand-written statement that writes.
func (d *driver) ExecContext(ctx context.Context, query string, args ...any) (stdsql.Result, error) {
	d.observed(ctx, query)
	if d.readOnly {
		return nil, errReadOnly
	}
	result, err := d.pool(ctx, d.write).ExecContext(ctx, query, args...)
	return result, d.written(ctx, query, err)
}

// Tx opens a transaction on a writer.
func (d *driver) Tx(ctx context.Context) (dialect.Tx, error) { return d.BeginTx(ctx, nil) }

// BeginTx opens a transaction on a writer.
func (d *driver) BeginTx(ctx context.Context, opts *sql.TxOptions) (dialect.Tx, error) {
	if d.readOnly {
		return nil, errReadOnly
	}
	t, err := d.pool(ctx, d.write).begin(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("begin a transaction: %w", err)
	}
	return &observedTx{Tx: &sql.Tx{Conn: sql.Conn{ExecQuerier: t}, Tx: t}, observe: d.observed, writes: invalidation.WritesOf(ctx), tracker: d.tracker}, nil
}

// Close ends all connections.
func (d *driver) Close() (err error) {
	d.sound.close()
	err = d.standbys.close()
	for _, p := range []*pool{d.read, d.write, d.long} {
		if p != nil {
			err = errors.Join(err, p.Close())
		}
	}
	if d.sequence != nil {
		err = errors.Join(err, d.sequence.Close())
	}
	return err
}

func (d *driver) observed(ctx context.Context, query string) {
	if classOf(ctx) != background {
		d.observe(query)
	}
}

// observedTx passes the statements of a transaction to Options.Observe, and what it changed to
// the tracker.
type observedTx struct {
	*sql.Tx
	observe func(context.Context, string)
	writes  *invalidation.Writes
	tracker *invalidation.Tracker
}

// Query implements dialect.ExecQuerier.
func (t *observedTx) Query(ctx context.Context, query string, args, v any) error {
	t.note(ctx, query)
	return t.Tx.Query(ctx, query, args, v)
}

// Exec implements dialect.ExecQuerier.
func (t *observedTx) Exec(ctx context.Context, query string, args, v any) error {
	t.note(ctx, query)
	return t.Tx.Exec(ctx, query, args, v)
}

// ExecContext runs a hand-written statement that writes.
func (t *observedTx) ExecContext(ctx context.Context, query string, args ...any) (stdsql.Result, error) {
	t.note(ctx, query)
	return t.Tx.ExecContext(ctx, query, args...)
}

// QueryContext runs a hand-written statement that reads.
func (t *observedTx) QueryContext(ctx context.Context, query string, args ...any) (*stdsql.Rows, error) {
	t.note(ctx, query)
	return t.Tx.QueryContext(ctx, query, args...)
}

func (t *observedTx) note(ctx context.Context, query string) {
	t.observe(ctx, query)
	invalidation.Statement(ctx, query)
	t.writes.Statement(ctx, query)
}

// Commit commits, and invalidates what depends on what was written, before anything that the
// commit is reported to. A commit that failed may have been written all the same.
func (t *observedTx) Commit() error {
	defer t.writes.Invalidate(t.tracker)
	return t.Tx.Commit()
}
