package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/tonggao/tonggao/internal/testkit/pgcluster"
)

// Engines returns the engines that tests run on here.
func Engines() []string {
	if _, ok, _ := PostgresServer(); ok {
		return []string{"sqlite", "postgres"}
	}
	return []string{"sqlite"}
}

// PostgresServer returns the address of a PostgreSQL server for tests; where there is
// none, reason says why.
func PostgresServer() (dsn string, ok bool, reason string) {
	if !pgcluster.Wanted() {
		return "", false, pgcluster.EnginesVariable + " leaves it out"
	}
	if dsn := os.Getenv(pgcluster.Variable); dsn != "" {
		return dsn, true, ""
	}
	dsn, err := startOnce()
	if err != nil {
		return "", false, err.Error()
	}
	return dsn, true, ""
}

// own is the server of this process. The variable keeps it from the garbage collector,
// which would close its pipe and so end it.
var own *pgcluster.Cluster

var startOnce = sync.OnceValues(func() (_ string, err error) {
	if own, err = pgcluster.Start(); err != nil {
		return "", err
	}
	return own.DSN, nil
})

// PostgresDatabase makes a new, empty database that is dropped at the end of the test.
// Where there is no server, ok is false.
func PostgresDatabase(t testing.TB) (dsn string, ok bool) {
	t.Helper()
	server, ok := serverFor(t)
	if !ok {
		return "", false
	}
	name := databaseName()
	dsn, err := databaseOf(server, name)
	if err != nil {
		t.Fatal(err)
	}
	if err := execute(server, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		t.Fatalf("make a database: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(server, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the database: %v", err)
		}
	})
	return dsn, true
}

// Postgres opens a store on a database of the pool. Where there is no server, ok is false.
func Postgres(t testing.TB) (s *Store, ok bool) {
	t.Helper()
	server, ok := serverFor(t)
	if !ok {
		return nil, false
	}
	template, err := postgresTemplate()
	if err != nil {
		t.Fatalf("make the template: %v", err)
	}
	dsn, err := pooled(t, server, template)
	if err != nil {
		t.Fatal(err)
	}
	return Open(t, dsn), true
}

// serverFor returns the address of the server for a test, which fails where PostgreSQL is
// required and missing.
func serverFor(t testing.TB) (server string, ok bool) {
	t.Helper()
	server, ok, reason := PostgresServer()
	if !ok && pgcluster.Required() {
		t.Fatalf("%s requires PostgreSQL: %s", pgcluster.EnginesVariable, reason)
	}
	if !ok {
		t.Logf("not run on PostgreSQL: %s", reason)
	}
	return server, ok
}

// databaseOf returns the address of another database on a server. It refuses an address
// that is not a URL of the server alone, so that tests never run in a database in use.
func databaseOf(server, name string) (string, error) {
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Query().Has("dbname") || u.Query().Has("database") {
		return "", fmt.Errorf("%s is not the URL of a server, such as postgres://user@/postgres?host=/run/postgresql", pgcluster.Variable)
	}
	u.Path = "/" + name
	return u.String(), nil
}

func execute(dsn, statement string) (err error) {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(context.Background(), statement)
	return err
}
