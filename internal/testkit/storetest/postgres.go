package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// Environment variables of the tests.
const (
	enginesVar = "TONGGAO_TEST_ENGINES"  // sqlite, or sqlite,postgres: then its absence is a failure
	serverVar  = "TONGGAO_TEST_POSTGRES" // the address of a running server; without it each process starts its own
)

// Engines is the engines that tests run on here.
func Engines() []string {
	if _, ok, _ := PostgresServer(); ok {
		return []string{"sqlite", "postgres"}
	}
	return []string{"sqlite"}
}

// PostgresServer is the address of a PostgreSQL server for tests; where there is
// none, reason says why.
func PostgresServer() (dsn string, ok bool, reason string) {
	if os.Getenv(enginesVar) != "" && !asked("postgres") {
		return "", false, enginesVar + " leaves it out"
	}
	if dsn := os.Getenv(serverVar); dsn != "" {
		return dsn, true, ""
	}
	dsn, err := startOnce()
	if err != nil {
		return "", false, err.Error()
	}
	return dsn, true, ""
}

// asked reports whether the tests must run on an engine.
func asked(engine string) bool {
	return slices.Contains(strings.Split(os.Getenv(enginesVar), ","), engine)
}

// own is the server of this process. It is kept here because it ends when its
// pipe is closed, which the garbage collector would do.
var own *Cluster

var startOnce = sync.OnceValues(func() (_ string, err error) {
	if own, err = StartCluster(); err != nil {
		return "", err
	}
	return own.DSN, nil
})

// PostgresDatabase makes a new, empty database that is dropped at the end of the test.
// Where there is no server, ok is false.
func PostgresDatabase(t testing.TB) (dsn string, ok bool) {
	t.Helper()
	return postgresDatabase(t, func() (string, error) { return "template0 ENCODING 'UTF8'", nil })
}

// Postgres opens a store on a new database. Where there is no server, ok is false.
func Postgres(t testing.TB) (s *Store, ok bool) {
	t.Helper()
	dsn, ok := postgresDatabase(t, postgresTemplate)
	if !ok {
		return nil, false
	}
	return Open(t, dsn), true
}

// postgresDatabase makes a database from a template, and drops it at the end of the test.
func postgresDatabase(t testing.TB, template func() (string, error)) (dsn string, ok bool) {
	t.Helper()
	server, ok, reason := PostgresServer()
	if !ok {
		if asked("postgres") {
			t.Fatalf("%s asks for PostgreSQL: %s", enginesVar, reason)
		}
		t.Logf("not run on PostgreSQL: %s", reason)
		return "", false
	}
	from, err := template()
	if err != nil {
		t.Fatalf("make the template: %v", err)
	}
	name := databaseName()
	dsn, err = databaseOf(server, name)
	if err != nil {
		t.Fatal(err)
	}
	if err := execute(server, "CREATE DATABASE "+name+" TEMPLATE "+from); err != nil {
		t.Fatalf("make a database: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(server, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the database: %v", err)
		}
	})
	return dsn, true
}

// databaseOf is the address of another database on a server. It refuses what is
// no URL, lest tests run in a database that somebody needs.
func databaseOf(server, name string) (string, error) {
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Query().Has("dbname") || u.Query().Has("database") {
		return "", fmt.Errorf("%s is not the URL of a server, such as postgres://user@/postgres?host=/run/postgresql", serverVar)
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

// Cluster is a private PostgreSQL server, reached through a socket in a folder of
// its own.
type Cluster struct {
	DSN   string
	watch *exec.Cmd
	hold  *os.File
}

// ErrNotInstalled says that PostgreSQL's server programs are not there.
var ErrNotInstalled = errors.New("PostgreSQL's server programs (initdb, pg_ctl) are not installed")

// StartCluster starts a server that stops when Stop is called, or when this
// process ends in whatever way.
func StartCluster() (*Cluster, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	base := os.TempDir()
	if len(base) > longestBase {
		base = "/tmp"
	}
	dir, err := os.MkdirTemp(base, "tonggao-pg-")
	if err != nil {
		return nil, err
	}
	owner, err := ownedBySomebody(dir)
	if err != nil {
		return nil, errors.Join(err, os.Remove(dir))
	}
	c := &Cluster{DSN: "postgres://tonggao@/postgres?" + url.Values{"host": {dir}}.Encode()}
	if err := c.serve(bin, dir, owner); err != nil {
		return nil, err
	}
	return c, nil
}

// longestBase keeps the path of the socket below the 107 bytes that it may have.
const longestBase = 60

// life is the server's, from the first file to the last, under a shell that
// outlives this process. It says "ready" or what went wrong, waits for its
// standard input to close, which the end of this process does too, and leaves
// nothing behind.
const life = `
"$1/initdb" -D "$2/data" -U tonggao -A trust -E UTF8 --locale=C --no-sync >"$2/log" 2>&1 &&
	"$1/pg_ctl" -D "$2/data" -l "$2/log" -w -t 60 -o "-k '$2' -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 -c autovacuum=off -c max_connections=400 -c shared_buffers=128MB" start >/dev/null 2>&1 &&
	echo ready || cat "$2/log"
exec >/dev/null
cat
"$1/pg_ctl" -D "$2/data" -m immediate stop 2>&1
cd / && rm -rf "$2"`

func (c *Cluster) serve(bin, dir string, owner *syscall.Credential) error {
	read, write, err := os.Pipe()
	if err != nil {
		return errors.Join(err, os.Remove(dir))
	}
	c.hold = write
	c.watch = exec.Command("sh", "-c", life, "sh", bin, dir)
	c.watch.Dir, c.watch.Stdin = dir, read
	c.watch.SysProcAttr = &syscall.SysProcAttr{Credential: owner, Setpgid: true} // spared by Ctrl-C
	out, err := c.watch.StdoutPipe()
	if err == nil {
		err = c.watch.Start()
	}
	if err = errors.Join(err, read.Close()); err != nil {
		return errors.Join(err, write.Close(), os.Remove(dir))
	}
	answer, err := io.ReadAll(out)
	if err != nil || string(answer) != "ready\n" {
		return errors.Join(fmt.Errorf("start PostgreSQL: %s", answer), err, c.Stop())
	}
	return nil
}

// Stop stops the server and removes its files.
func (c *Cluster) Stop() error {
	return errors.Join(c.hold.Close(), c.watch.Wait())
}

// programs is the folder of PostgreSQL's server programs.
func programs() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), "pg_ctl")); err == nil {
				return filepath.Dir(path), nil
			}
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if dir, err := exec.Command("pg_config", "--bindir").Output(); err == nil && len(found) == 0 {
		found, _ = filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "initdb"))
	}
	if len(found) == 0 {
		return "", ErrNotInstalled
	}
	slices.SortFunc(found, func(a, b string) int { return major(b) - major(a) })
	return filepath.Dir(found[0]), nil
}

func major(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	return n
}

// ownedBySomebody gives dir to a user that is not root, as which PostgreSQL
// refuses to run; nil where this process is nobody special.
func ownedBySomebody(dir string) (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	var found *user.User
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			found = u
			break
		}
	}
	if found == nil {
		return nil, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody")
	}
	uid, _ := strconv.Atoi(found.Uid)
	gid, _ := strconv.Atoi(found.Gid)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(dir, uid, gid)
}
