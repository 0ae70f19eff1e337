package storetest_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// holdVar makes this program start a cluster, print its address and wait.
const holdVar = "TONGGAO_HOLD_CLUSTER"

func TestMain(m *testing.M) {
	if os.Getenv(holdVar) != "" {
		hold()
		return
	}
	os.Exit(m.Run())
}

func hold() {
	switch cluster, err := storetest.StartCluster(); {
	case errors.Is(err, storetest.ErrNotInstalled):
		fmt.Println("not installed")
	case err != nil:
		fmt.Println(err)
	default:
		fmt.Println(cluster.DSN)
		_, _ = io.Copy(io.Discard, os.Stdin)
	}
}

// ask runs a statement that answers with one text.
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

func TestDatabasesAreNewAndApart(t *testing.T) {
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

func TestDatabasesAreDropped(t *testing.T) {
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

// TestOtherServers hands in the address of a server the way a developer does. Its
// own database is never the one that tests get.
func TestOtherServers(t *testing.T) {
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

// TestNothingIsLeft kills the process that holds a cluster. Whatever that process
// started has inherited a pipe; the pipe ends when the last of them has.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	alive, inherited, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	holder := exec.Command(os.Args[0])
	holder.Env = append(os.Environ(), holdVar+"=1")
	holder.ExtraFiles = []*os.File{inherited}
	if _, err = holder.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := holder.StdoutPipe()
	if err == nil {
		err = holder.Start()
	}
	if err = errors.Join(err, inherited.Close()); err != nil {
		t.Fatal(err)
	}
	said, _ := bufio.NewReader(out).ReadString('\n')
	dsn := strings.TrimSpace(said)
	if dsn == "not installed" {
		t.Log("PostgreSQL is not installed: nothing to leave")
		return
	}
	if got := ask(t, dsn, "SHOW listen_addresses"); got != "" {
		t.Errorf("the cluster listens on %s", got)
	}
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait() // killed, as asked
	_ = alive.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := io.ReadAll(alive); err != nil {
		t.Fatalf("a minute later something still runs: %v", err)
	}
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(u.Query().Get("host")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there", u.Query().Get("host"))
	}
}
