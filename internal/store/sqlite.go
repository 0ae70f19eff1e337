package store

import (
	"context"
	stdsql "database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// Drivers of SQLite: serving maps the file into memory, which counts as the program's; the
// other commands read it once and do not.
const (
	sqliteMapped = "tonggao-sqlite-mapped"
	sqliteFrugal = "tonggao-sqlite-frugal"
)

var sqliteDrivers = map[string]sqldriver.Driver{
	sqliteMapped: sqliteDriver("PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864"),
	sqliteFrugal: sqliteDriver("PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864"),
}

func sqliteDriver(pragmas string) sqldriver.Driver {
	return &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		_, err := c.Exec(pragmas, nil)
		return err
	}}
}

func init() {
	for name, d := range sqliteDrivers {
		stdsql.Register(name, d)
	}
}

// sqliteConnector connects to a file.
type sqliteConnector struct {
	driver sqldriver.Driver
	dsn    string
}

// Connect implements driver.Connector.
func (c sqliteConnector) Connect(context.Context) (sqldriver.Conn, error) {
	return c.driver.Open(c.dsn)
}

// Driver implements driver.Connector.
func (c sqliteConnector) Driver() sqldriver.Driver { return c.driver }

// Pools. SQLite has one writer by nature; four readers keep four cores busy.
const (
	sqliteReaders = 4
	sqliteWriters = 1
)

func (d *driver) openSQLite(ctx context.Context, path string, o Options) (err error) {
	engine := sqliteDrivers[sqliteMapped]
	if o.LowMemory {
		engine = sqliteDrivers[sqliteFrugal]
	}
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return fault.New(fault.BadUserInput, "sqlite: wants a file, such as sqlite:data/tonggao.db")
	}
	if d.path, err = filepath.Abs(path); err != nil {
		return err
	}
	if err := d.createFile(o.MustExist || o.ReadOnly); err != nil {
		return err
	}
	uri := fileURI(d.path)
	reading := sqliteConnector{engine, uri + "?mode=ro&_query_only=1&_mutex=no&_busy_timeout=5000&_cache_size=-32768&_stmt_cache_size=200"}
	d.read = openPool(reading, sqliteReaders, sqliteReaders, o.Limits)
	writing := sqliteConnector{engine, uri + "?mode=rw&_journal_mode=WAL&_synchronous=FULL&_txlock=immediate&_busy_timeout=5000&_foreign_keys=1&_stmt_cache_size=200"}
	if o.ReadOnly {
		writing = reading
	}
	d.write = openPool(writing, sqliteWriters, sqliteWriters, o.Limits)
	if err := d.openWriter(ctx); err != nil {
		return d.openError(err)
	}
	info, err := os.Stat(d.path)
	if err != nil {
		return d.openError(err)
	}
	d.file = &file{path: d.path, info: info}
	d.write.guard = d.file.same
	return nil
}

// openWriter opens the writer's connection. SQLite's busy timeout does not apply where several
// programs give a new file its journal mode at once, so that is tried again for five seconds.
func (d *driver) openWriter(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for {
		err := d.write.PingContext(ctx)
		var lite sqlite3.Error
		if !errors.As(err, &lite) || lite.Code != sqlite3.ErrBusy {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// createFile creates an empty file that only its owner may read, as it will hold personal
// data.
func (d *driver) createFile(mustExist bool) error {
	if _, err := os.Stat(d.path); err == nil {
		return nil
	}
	if mustExist {
		return fault.New(fault.BadUserInput, "there is no database %s; check --database, or create it with `tonggao migrate up` or `tonggao serve`", d.path)
	}
	if err := os.MkdirAll(filepath.Dir(d.path), 0o750); err != nil {
		return fault.Wrap(err, fault.Unavailable, "the folder %s of the database cannot be made; choose another with --database sqlite:PATH", filepath.Dir(d.path))
	}
	file, err := os.OpenFile(d.path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "the database %s cannot be made; choose another place with --database sqlite:PATH", d.path)
	}
	d.created = true
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

// checkPages reads every page of an SQLite file.
func (d *driver) checkPages(ctx context.Context) error {
	var found string
	if err := d.read.QueryRowContext(LongWork(ctx), "PRAGMA quick_check(1)").Scan(&found); err != nil {
		return classify(err)
	}
	if found != "ok" {
		return classify(sqlite3.Error{Code: sqlite3.ErrCorrupt})
	}
	return nil
}
