package store

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// conflict gives errors that come from writing at the same time as others a
// code that tells the client to try again; other errors pass unchanged.
func conflict(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "40001", "40P01": // serialization failure, deadlock
			return fault.Wrap(err, fault.Conflict, "somebody else changed this at the same moment; nothing was written, try again")
		}
	}
	var lite sqlite3.Error
	if errors.As(err, &lite) && (lite.Code == sqlite3.ErrBusy || lite.Code == sqlite3.ErrLocked) {
		return fault.Wrap(err, fault.Unavailable, "the database is busy; nothing was written, try again in a moment")
	}
	return err
}

// IsUnique reports whether err says that a value that must be unique is taken.
func IsUnique(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	var lite sqlite3.Error
	return errors.As(err, &lite) &&
		(lite.ExtendedCode == sqlite3.ErrConstraintUnique || lite.ExtendedCode == sqlite3.ErrConstraintPrimaryKey)
}

// IsReferenced reports whether err says that a row is still referred to.
func IsReferenced(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23503"
	}
	var lite sqlite3.Error
	return errors.As(err, &lite) && lite.ExtendedCode == sqlite3.ErrConstraintForeignKey
}
