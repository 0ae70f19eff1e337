package storetest_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// ask runs a statement and returns the one text of its result.
func ask(t *testing.T, dsn, statement string) (answer string) {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(context.Background(), statement).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return answer
}

func TestPostgresDatabase(t *testing.T) {
	t.Parallel()
	first, ok := storetest.PostgresDatabase(t)
	if !ok {
		return // PostgresDatabase says why, and fails where PostgreSQL is asked for
	}
	second, _ := storetest.PostgresDatabase(t)
	db, err := sql.Open("pgx", first)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(context.Background(), "CREATE TABLE words AS SELECT '养老' AS word"); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, first, "SELECT word FROM words"); got != "养老" {
		t.Errorf("kept %q", got)
	}
	if got := ask(t, second, "SELECT count(*)::text FROM pg_tables WHERE schemaname = 'public'"); got != "0" {
		t.Errorf("a new database has %s tables", got)
	}
	if got := ask(t, second, "SHOW server_encoding"); got != "UTF8" {
		t.Errorf("encoded in %s", got)
	}
}

func TestPostgresDatabaseIsDropped(t *testing.T) {
	t.Parallel()
	server, ok, reason := storetest.PostgresServer()
	if !ok {
		t.Logf("not run on PostgreSQL: %s", reason)
		return
	}
	var name string
	t.Run("a test", func(t *testing.T) {
		dsn, _ := storetest.PostgresDatabase(t)
		name = ask(t, dsn, "SELECT current_database()::text")
	})
	if got := ask(t, server, "SELECT count(*)::text FROM pg_database WHERE datname = '"+name+"'"); got != "0" {
		t.Errorf("database %s outlived its test", name)
	}
}

// TestPostgresServerFromEnvironment sets the address of a server as a developer does. The
// database of that address is never the one that tests get.
func TestPostgresServerFromEnvironment(t *testing.T) {
	server, ok, reason := storetest.PostgresServer()
	if !ok {
		t.Logf("not run on PostgreSQL: %s", reason)
		return
	}
	precious, _ := storetest.PostgresDatabase(t)
	for _, given := range []string{server, precious, strings.Replace(precious, "postgres://", "postgresql://", 1)} {
		t.Setenv("TONGGAO_TEST_POSTGRES", given)
		dsn, _ := storetest.PostgresDatabase(t)
		if of := ask(t, dsn, "SELECT current_database()::text"); of == ask(t, given, "SELECT current_database()::text") {
			t.Errorf("with %s, tests run in %s itself", given, of)
		}
	}
	t.Setenv("TONGGAO_TEST_ENGINES", "sqlite")
	if _, ok, reason := storetest.PostgresServer(); ok || !strings.Contains(reason, "TONGGAO_TEST_ENGINES") {
		t.Errorf("left out, but %v: %s", ok, reason)
	}
}
