package store

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"

	"github.com/tonggao/tonggao/ent/migrate"
	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// PostgreSQL's error codes (SQLSTATE).
const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	uniqueViolation      = "23505"
	foreignKeyViolation  = "23503"
)

func isPostgres(err error, codes ...string) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	for _, code := range codes {
		if pg.Code == code {
			return true
		}
	}
	return false
}

// isBusy reports whether another connection holds an SQLite database.
func isBusy(err error) bool {
	var lite sqlite3.Error
	return errors.As(err, &lite) && (lite.Code == sqlite3.ErrBusy || lite.Code == sqlite3.ErrLocked)
}

// conflict wraps errors that come from concurrent writes so that the client tries again;
// it returns other errors unchanged.
func conflict(err error) error {
	switch {
	case isPostgres(err, serializationFailure, deadlockDetected):
		return fault.Wrap(err, fault.Conflict, "another client changed this at the same moment; nothing was written, try again")
	case isBusy(err):
		return fault.Wrap(err, fault.Unavailable, "the database is busy; nothing was written, try again in a moment")
	}
	return err
}

// IsUnique reports whether err says that a value that must be unique is taken.
func IsUnique(err error) bool {
	_, ok := UniqueViolation(err)
	return ok
}

// UniqueViolation reports whether err says that a value that must be unique is taken, and
// returns the columns of the unique index, such as "articles.slug".
func UniqueViolation(err error) (columns string, ok bool) {
	if isPostgres(err, uniqueViolation) {
		var pg *pgconn.PgError
		errors.As(err, &pg)
		return indexColumns(pg.TableName, pg.ConstraintName), true
	}
	var lite sqlite3.Error
	if !errors.As(err, &lite) || lite.ExtendedCode != sqlite3.ErrConstraintUnique && lite.ExtendedCode != sqlite3.ErrConstraintPrimaryKey {
		return "", false
	}
	// SQLite names the columns in its message only: "UNIQUE constraint failed: a.b, a.c".
	_, columns, _ = strings.Cut(lite.Error(), ": ")
	return columns, true
}

// indexColumns returns the columns of an index of ent/schema as SQLite writes them.
func indexColumns(table, index string) string {
	for _, t := range migrate.Tables {
		for _, i := range t.Indexes {
			if t.Name != table || i.Name != index {
				continue
			}
			names := make([]string, len(i.Columns))
			for k, c := range i.Columns {
				names[k] = table + "." + c.Name
			}
			return strings.Join(names, ", ")
		}
	}
	return table + ".id" // the primary key
}

// IsReferenced reports whether err says that a row is still referred to, or refers to one
// that does not exist.
func IsReferenced(err error) bool {
	var lite sqlite3.Error
	return isPostgres(err, foreignKeyViolation) || errors.As(err, &lite) && lite.ExtendedCode == sqlite3.ErrConstraintForeignKey
}
