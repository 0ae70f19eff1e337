package store

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"os"
)

// Scratch returns an empty SQLite database in a temporary file, for data that is too large
// for memory and of no use after the program. The file has no name any more, so it
// disappears with the connection, also by kill -9.
func Scratch(ctx context.Context) (_ *stdsql.DB, err error) {
	file, err := os.CreateTemp("", "tonggao-scratch-*.db")
	if err != nil {
		return nil, fmt.Errorf("create a temporary database: %w", err)
	}
	if err := file.Close(); err != nil {
		return nil, fmt.Errorf("create a temporary database: %w", err)
	}
	db := stdsql.OpenDB(sqliteConnector{sqliteDrivers[sqliteFrugal], fileURI(file.Name()) + "?_journal_mode=OFF&_synchronous=OFF&_cache_size=-16384"})
	db.SetMaxOpenConns(1) // a second connection would find no file
	db.SetMaxIdleConns(1)
	_, err = db.ExecContext(ctx, "CREATE TABLE scratch (x); DROP TABLE scratch")
	if removal := os.Remove(file.Name()); err == nil {
		err = removal
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("create a temporary database: %w", err), db.Close())
	}
	return db, nil
}
