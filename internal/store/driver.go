package store

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/mattn/go-sqlite3"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// driver sends reads to the pool of readers and writes to the writer. On PostgreSQL both
// are one pool.
type driver struct {
	dialect.Driver // the writer
	reader         *sql.Driver
	write, read    *stdsql.DB
	observe        func(string)
	path           string // of the SQLite file
	sound          *soundness
}

// Drivers of SQLite: serving maps the file into memory, which counts as the program's; the
// other commands read it once and do not.
const (
	sqliteMapped = "tonggao-sqlite-mapped"
	sqliteFrugal = "tonggao-sqlite-frugal"
)

func init() {
	for name, pragmas := range map[string]string{
		sqliteMapped: "PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864",
		sqliteFrugal: "PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864",
	} {
		stdsql.Register(name, &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
			_, err := c.Exec(pragmas, nil)
			return err
		}})
	}
}

// Pools. SQLite has one writer by nature; four readers keep four cores busy.
const (
	sqliteReaders       = 4
	postgresConnections = 20
	connectionLife      = 30 * time.Minute
)

func connect(ctx context.Context, o Options) (*driver, error) {
	d := &driver{observe: o.Observe}
	if d.observe == nil {
		d.observe = func(string) {}
	}
	d.sound = newSoundness(o.Clock, d.checkPages)
	scheme, rest, _ := strings.Cut(o.URL, ":")
	var err error
	switch scheme {
	case "sqlite":
		err = d.openSQLite(ctx, rest, o)
	case "postgres", "postgresql":
		err = d.openPostgres(ctx, o.URL)
	default:
		return nil, fault.New(fault.BadUserInput, "the database must be sqlite:PATH or postgres://USER@HOST/NAME, not %q", scheme+":…")
	}
	return d, err
}

func (d *driver) openSQLite(ctx context.Context, path string, o Options) (err error) {
	driver := sqliteMapped
	if o.LowMemory {
		driver = sqliteFrugal
	}
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return fault.New(fault.BadUserInput, "sqlite: wants a file, such as sqlite:data/tonggao.db")
	}
	if d.path, err = filepath.Abs(path); err != nil {
		return err
	}
	if err := d.createFile(o.MustExist); err != nil {
		return err
	}
	file := fileURI(d.path)
	d.write, err = stdsql.Open(driver, file+"?_journal_mode=WAL&_synchronous=FULL&_txlock=immediate&_busy_timeout=5000&_foreign_keys=1&_stmt_cache_size=200")
	if err != nil {
		return err
	}
	d.write.SetMaxOpenConns(1)
	if err := d.write.PingContext(ctx); err != nil {
		return errors.Join(d.openError(err), d.write.Close())
	}
	d.read, err = stdsql.Open(driver, file+"?mode=ro&_query_only=1&_mutex=no&_busy_timeout=5000&_cache_size=-32768&_stmt_cache_size=200")
	if err != nil {
		return err
	}
	d.read.SetMaxOpenConns(sqliteReaders)
	d.read.SetMaxIdleConns(sqliteReaders)
	d.Driver, d.reader = sql.OpenDB(dialect.SQLite, d.write), sql.OpenDB(dialect.SQLite, d.read)
	return nil
}

// createFile creates an empty file that only its owner may read, as it will hold personal
// data.
func (d *driver) createFile(mustExist bool) error {
	if _, err := os.Stat(d.path); err == nil {
		return nil
	}
	if mustExist {
		return fault.New(fault.BadUserInput, "there is no database %s; name another with --database sqlite:PATH, or make one with `tonggao serve` or `tonggao migrate up`", d.path)
	}
	if err := os.MkdirAll(filepath.Dir(d.path), 0o750); err != nil {
		return fault.Wrap(err, fault.Unavailable, "the folder of the database cannot be made; choose another with --database sqlite:PATH")
	}
	file, err := os.OpenFile(d.path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "the database %s cannot be made; choose another place with --database sqlite:PATH", d.path)
	}
	return file.Close()
}

// fileURI returns the URI of a path, which may contain '#' or '?'.
func fileURI(path string) string {
	return (&url.URL{Scheme: "file", OmitHost: true, Path: path}).String()
}

// openError wraps the error of a file that cannot be opened with what to do about it.
func (d *driver) openError(err error) error {
	var lite sqlite3.Error
	if errors.As(err, &lite) && (lite.Code == sqlite3.ErrNotADB || lite.Code == sqlite3.ErrCorrupt) {
		return fault.Wrap(err, fault.Unavailable, "%s is damaged or is no SQLite database; nothing was changed: put it aside and bring back a backup with `tonggao restore FILE`", d.path)
	}
	return fault.Wrap(err, fault.Unavailable, "the database %s cannot be opened; check that the folder exists and may be written", d.path)
}

func (d *driver) openPostgres(ctx context.Context, dsn string) (err error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return fault.Wrap(err, fault.BadUserInput, "the address of the database cannot be read; it looks like postgres://USER@HOST:5432/NAME")
	}
	d.write = stdlib.OpenDB(*config, stdlib.OptionAfterConnect(disableJIT))
	d.write.SetMaxOpenConns(postgresConnections)
	d.write.SetMaxIdleConns(postgresConnections)
	d.write.SetConnMaxLifetime(connectionLife)
	if err := d.write.PingContext(ctx); err != nil {
		return errors.Join(fault.Wrap(err, fault.Unavailable, "the PostgreSQL server does not answer; check the address, the password and that the database exists"), d.write.Close())
	}
	d.read = d.write
	drv := sql.OpenDB(dialect.Postgres, d.write)
	d.Driver, d.reader = drv, drv
	return nil
}

// disableJIT keeps PostgreSQL from compiling statements, which takes up to a second for
// one that runs a millisecond: it decides by estimates, and for a recursive statement it
// estimates thousands of rows where there are three.
func disableJIT(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "SET jit = off")
	return err
}

// Query sends statements that only read to the readers.
func (d *driver) Query(ctx context.Context, query string, args, v any) error {
	d.observed(ctx, query)
	if strings.HasPrefix(query, "SELECT") || strings.HasPrefix(query, "WITH") {
		return d.reader.Query(ctx, query, args, v)
	}
	return d.Driver.Query(ctx, query, args, v)
}

// Exec sends a statement to the writer.
func (d *driver) Exec(ctx context.Context, query string, args, v any) error {
	d.observed(ctx, query)
	return d.Driver.Exec(ctx, query, args, v)
}

// QueryContext runs a hand-written statement that reads.
func (d *driver) QueryContext(ctx context.Context, query string, args ...any) (*stdsql.Rows, error) {
	d.observed(ctx, query)
	return d.read.QueryContext(ctx, query, args...)
}

// ExecContext runs a hand-written statement that writes.
func (d *driver) ExecContext(ctx context.Context, query string, args ...any) (stdsql.Result, error) {
	d.observed(ctx, query)
	return d.write.ExecContext(ctx, query, args...)
}

// Tx opens a transaction on the writer.
func (d *driver) Tx(ctx context.Context) (dialect.Tx, error) { return d.BeginTx(ctx, nil) }

// BeginTx opens a transaction on the writer.
func (d *driver) BeginTx(ctx context.Context, opts *sql.TxOptions) (dialect.Tx, error) {
	tx, err := d.Driver.(*sql.Driver).BeginTx(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("begin a transaction: %w", err)
	}
	return &observedTx{Tx: tx.(*sql.Tx), observe: d.observed}, nil
}

// Close ends all connections.
func (d *driver) Close() error {
	d.sound.close()
	if d.read == d.write {
		return d.write.Close()
	}
	return errors.Join(d.read.Close(), d.write.Close())
}

type background struct{}

// Background returns a context for work that no request waits for, such as polling for
// something to do: its statements are not passed to Options.Observe.
func Background(ctx context.Context) context.Context {
	return context.WithValue(ctx, background{}, true)
}

func (d *driver) observed(ctx context.Context, query string) {
	if ctx.Value(background{}) == nil {
		d.observe(query)
	}
}

// check returns an error unless the database answers and is sound. PostgreSQL's server
// checks its own files. A SELECT succeeds on a corrupt SQLite file, so there the result
// of the last check of its pages counts too.
func (d *driver) check(ctx context.Context) error {
	if d.Dialect() == dialect.Postgres {
		return d.read.PingContext(ctx)
	}
	var any int
	if err := d.read.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_schema").Scan(&any); err != nil {
		return d.openError(err)
	}
	return d.sound.result(ctx)
}

// checkPages reads every page of an SQLite file.
func (d *driver) checkPages(ctx context.Context) error {
	var found string
	if err := d.read.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&found); err != nil {
		return d.openError(err)
	}
	if found != "ok" {
		return d.openError(sqlite3.Error{Code: sqlite3.ErrCorrupt})
	}
	return nil
}

// observedTx passes the statements of a transaction to Options.Observe.
type observedTx struct {
	*sql.Tx
	observe func(context.Context, string)
}

func (t *observedTx) Query(ctx context.Context, query string, args, v any) error {
	t.observe(ctx, query)
	return t.Tx.Query(ctx, query, args, v)
}

func (t *observedTx) Exec(ctx context.Context, query string, args, v any) error {
	t.observe(ctx, query)
	return t.Tx.Exec(ctx, query, args, v)
}

// ExecContext runs a hand-written statement that writes.
func (t *observedTx) ExecContext(ctx context.Context, query string, args ...any) (stdsql.Result, error) {
	t.observe(ctx, query)
	return t.Tx.ExecContext(ctx, query, args...)
}

// QueryContext runs a hand-written statement that reads.
func (t *observedTx) QueryContext(ctx context.Context, query string, args ...any) (*stdsql.Rows, error) {
	t.observe(ctx, query)
	return t.Tx.QueryContext(ctx, query, args...)
}
