package storetest

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/tonggao/tonggao/internal/testkit/pgcluster"
)

// replicated is the server with a standby of this process.
var replicated *pgcluster.Cluster

var startReplicated = sync.OnceValues(func() (_ *pgcluster.Cluster, err error) {
	replicated, err = pgcluster.StartReplicated()
	return replicated, err
})

// Replicated makes a new, empty database on a server whose standby confirms every commit, and
// returns the addresses of both. Where PostgreSQL is not installed or left out, ok is false.
func Replicated(t testing.TB) (primary, standby string, ok bool) {
	t.Helper()
	if !pgcluster.Wanted() {
		t.Logf("not run: %s leaves PostgreSQL out", pgcluster.EnginesVariable)
		return "", "", false
	}
	cluster, err := startReplicated()
	if errors.Is(err, pgcluster.ErrNotInstalled) && !pgcluster.Required() {
		t.Logf("not run: %v", err)
		return "", "", false
	}
	if err != nil {
		t.Fatal(err)
	}
	name := databaseName()
	if err := execute(cluster.DSN, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		t.Fatalf("make a database: %v", err)
	}
	for from, to := range map[string]*string{cluster.DSN: &primary, cluster.Standby: &standby} {
		if *to, err = databaseOf(from, name); err != nil {
			t.Fatal(err)
		}
	}
	return primary, standby, true
}

// Execute runs a statement on the database at an address.
func Execute(t testing.TB, dsn, statement string) {
	t.Helper()
	if err := execute(dsn, statement); err != nil {
		t.Fatalf("%.60s: %v", strings.TrimSpace(statement), err)
	}
}
