package store

import (
	"bytes"
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
	"github.com/pressly/goose/v3"

	"github.com/tonggao/tonggao/ent/migrate"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/store/migrations"
)

// Migration is one step of the schema.
type Migration struct {
	Version int64
	Name    string
	Applied bool
}

// migrate brings the schema up to date. Of programs that start together on one database
// one migrates and the others wait for it. The test TestDrift prints the statements that
// are missing when ent/schema is ahead of the migrations.
func (d *driver) migrate(ctx context.Context) (err error) {
	ctx = LongWork(ctx) // a step takes as long as the tables are large
	unlock, err := d.lockMigration(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	return d.withProvider(ctx, func(p *goose.Provider) error {
		if err := notNewer(ctx, p); err != nil {
			return err
		}
		if _, err := p.Up(ctx); err != nil {
			return fmt.Errorf("migrate the database: %w", err)
		}
		return d.checkForeignKeys(ctx)
	})
}

// requireCurrent fails where migrations are missing.
func (d *driver) requireCurrent(ctx context.Context) error {
	return d.withProvider(ctx, func(p *goose.Provider) error {
		if err := notNewer(ctx, p); err != nil {
			return err
		}
		if pending, err := p.HasPending(ctx); err != nil || pending {
			return errors.Join(err, fault.New(fault.Unavailable, "the database is older than this program: run `tonggao migrate up`"))
		}
		return nil
	})
}

// Migrations lists the steps of the schema of the database at url, and which
// were applied, without changing it.
func Migrations(ctx context.Context, url string) (list []Migration, err error) {
	d, err := connect(ctx, Options{URL: url, MustExist: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	err = d.withProvider(ctx, func(p *goose.Provider) error {
		status, err := p.Status(ctx)
		for _, s := range status {
			list = append(list, Migration{
				Version: s.Source.Version,
				Name:    strings.TrimSuffix(s.Source.Path, ".sql"),
				Applied: s.State == goose.StateApplied,
			})
		}
		return err
	})
	return list, err
}

// withProvider runs do on a connection of its own: SQLite rebuilds tables by
// dropping them, which with foreign keys on would delete what refers to them.
func (d *driver) withProvider(ctx context.Context, do func(*goose.Provider) error) (err error) {
	var db *stdsql.DB
	engine := goose.DialectPostgres
	if d.Dialect() == dialect.Postgres {
		db = d.long.DB
	} else {
		engine = goose.DialectSQLite3
		dsn := "?mode=rw&_journal_mode=WAL&_synchronous=FULL&_txlock=immediate&_busy_timeout=5000&_foreign_keys=0"
		if d.readOnly {
			dsn = "?mode=ro&_query_only=1&_busy_timeout=5000"
		}
		db, err = stdsql.Open(sqliteFrugal, fileURI(d.path)+dsn)
		if err != nil {
			return err
		}
		db.SetMaxOpenConns(1)
		defer func() { err = errors.Join(err, db.Close()) }()
	}
	steps, err := fs.Sub(migrations.FS, map[goose.Dialect]string{goose.DialectSQLite3: "sqlite", goose.DialectPostgres: "postgres"}[engine])
	if err != nil {
		return err
	}
	// Branches reserve their numbers, so a lower one may be merged later.
	p, err := goose.NewProvider(engine, db, steps, goose.WithAllowOutofOrder(true))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	return do(p)
}

func notNewer(ctx context.Context, p *goose.Provider) error {
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read the version of the database: %w", err)
	}
	sources := p.ListSources()
	if newest := sources[len(sources)-1].Version; have > newest {
		return fault.New(fault.Unavailable,
			"the database was written by a newer tonggao (schema %d, this program knows %d); nothing was changed: install the newer program, or restore a backup from before the upgrade", have, newest)
	}
	return nil
}

func (d *driver) checkForeignKeys(ctx context.Context) error {
	if d.Dialect() != dialect.SQLite {
		return nil
	}
	rows, err := d.write.QueryContext(ctx, "PRAGMA foreign_key_check")
	if err != nil {
		return fmt.Errorf("check the references: %w", err)
	}
	defer rows.Close()
	if rows.Next() {
		return fault.New(fault.Unavailable, "the database has rows that refer to missing ones; run `tonggao doctor`, or restore a backup")
	}
	return rows.Err()
}

// tables guards the tables of ent/migrate, which the comparison writes to.
var tables sync.Mutex

// Drift returns the statements that would bring the database from what the migrations
// made to what ent/schema says; empty if they agree.
func (s *Store) Drift(ctx context.Context) (string, error) {
	var plan bytes.Buffer
	drv := sql.OpenDB(s.Engine, s.driver.write.DB)
	tables.Lock()
	defer tables.Unlock()
	if err := migrate.NewSchema(drv).WriteTo(ctx, &plan); err != nil {
		return "", fmt.Errorf("compare the schema: %w", err)
	}
	var missing []string
	for line := range strings.Lines(plan.String()) {
		if line = strings.TrimSpace(line); line != "" && line != "BEGIN;" && line != "COMMIT;" && !strings.HasPrefix(line, "--") {
			missing = append(missing, line)
		}
	}
	return strings.Join(missing, "\n"), nil
}
