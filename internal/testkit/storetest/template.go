package storetest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/migrations"
)

// Migrating an empty database takes longer than most tests. So it is done once on each
// engine, and a test gets a copy: of a file on SQLite, of a template database on PostgreSQL.

// migrated writes the schema into the empty database at url. It removes the installation's
// secrets again: each copy is an installation of its own.
func migrated(url string) (err error) {
	s, err := store.Open(context.Background(), store.Options{URL: url})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	system := viewer.AsSystem(context.Background())
	_, err = s.Client(system).Setting.Delete().Exec(system)
	return err
}

// sqliteTemplate returns the content of a migrated file.
var sqliteTemplate = sync.OnceValues(func() (content []byte, err error) {
	dir, err := os.MkdirTemp("", "tonggao-template-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "tonggao.db")
	if err := migrated("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// sqliteCopy returns the URL of a new file with the schema in it.
func sqliteCopy(t testing.TB) string {
	t.Helper()
	content, err := sqliteTemplate()
	if err != nil {
		t.Fatalf("make the template: %v", err)
	}
	url := SQLiteURL(t)
	if err := os.WriteFile(strings.TrimPrefix(url, "sqlite:"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	return url
}

// postgresTemplate returns the name of the server's migrated template database, which all
// processes share. The name depends on the migrations, so that different versions of the
// program can share a server.
var postgresTemplate = sync.OnceValues(func() (name string, err error) {
	server, ok, reason := PostgresServer()
	if !ok {
		return "", errors.New(reason)
	}
	name, err = templateName()
	if err != nil {
		return "", err
	}
	ctx := context.Background()
	db, err := sql.Open("pgx", server)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx) // the lock belongs to the connection
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock(hashtext($1))", name); err != nil {
		return "", err
	}
	var exists bool
	if err := conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil || exists {
		return name, err
	}
	return name, makeTemplate(ctx, conn, server, name)
})

// makeTemplate migrates a database and then gives it its name: what has that name is
// complete, also where an earlier process was killed while it migrated.
func makeTemplate(ctx context.Context, conn *sql.Conn, server, name string) error {
	draft := databaseName()
	url, err := databaseOf(server, draft)
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, "CREATE DATABASE "+draft+" TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		return err
	}
	err = migrated(url)
	if err == nil {
		_, err = conn.ExecContext(ctx, "ALTER DATABASE "+draft+" RENAME TO "+name)
	}
	if err != nil {
		_, dropped := conn.ExecContext(ctx, "DROP DATABASE "+draft+" WITH (FORCE)")
		return errors.Join(err, dropped)
	}
	return nil
}

// templateName derives the template's name from the migrations.
func templateName() (string, error) {
	hash := sha256.New()
	err := fs.WalkDir(migrations.FS, "postgres", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(migrations.FS, path)
		_, _ = fmt.Fprintf(hash, "%s %d\n%s", path, len(text), text)
		return err
	})
	return "template_" + hex.EncodeToString(hash.Sum(nil)[:8]), err
}

// databaseName returns a new name for a database.
func databaseName() string { return "t" + strings.ToLower(rand.Text()[:16]) }
