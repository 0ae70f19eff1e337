package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
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
	if engines := os.Getenv(enginesVar); engines != "" && !slices.Contains(strings.Split(engines, ","), "postgres") {
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

// own is the server of this process. It is kept here because it ends when its
// pipe is closed, which the garbage collector would do.
var own *Cluster

var startOnce = sync.OnceValues(func() (_ string, err error) {
	if own, err = StartCluster(); err != nil {
		return "", err
	}
	return own.DSN, nil
})

// PostgresDatabase makes a new, empty database that is dropped at the end of the
// test. Where there is no server, ok is false.
func PostgresDatabase(t testing.TB) (dsn string, ok bool) {
	t.Helper()
	server, ok, reason := PostgresServer()
	if !ok {
		if strings.Contains(os.Getenv(enginesVar), "postgres") {
			t.Fatalf("%s asks for PostgreSQL: %s", enginesVar, reason)
		}
		t.Logf("not run on PostgreSQL: %s", reason)
		return "", false
	}
	name := "t" + strings.ToLower(rand.Text()[:16])
	if err := execute(server, "CREATE DATABASE "+name); err != nil {
		t.Fatalf("make a database: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(server, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the database: %v", err)
		}
	})
	return strings.Replace(server, "/postgres?", "/"+name+"?", 1), true
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

// StartCluster starts a server that stops when Stop is called, or when this
// process ends in whatever way.
func StartCluster() (*Cluster, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "tonggao-pg-")
	if err != nil {
		return nil, err
	}
	owner, err := ownedBySomebody(dir)
	if err != nil {
		return nil, err
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", dir+"/data", "-U", "tonggao", "-A", "trust",
		"-E", "UTF8", "--locale=C", "--no-sync")
	if err := runAs(initdb, owner, dir); err != nil {
		return nil, fmt.Errorf("initdb: %w", err)
	}
	c := &Cluster{DSN: "postgres://tonggao@/postgres?host=" + dir}
	if err := c.serve(bin, dir, owner); err != nil {
		return nil, err
	}
	return c, nil
}

// serve starts the server under a shell that waits for its standard input to
// close, which the end of this process does too, and then stops the server and
// removes the folder.
func (c *Cluster) serve(bin, dir string, owner *syscall.Credential) error {
	script := fmt.Sprintf(`%[1]s/pg_ctl -D %[2]s/data -l %[2]s/log -w -t 60 -o "%[3]s" start >/dev/null && echo ready || cat %[2]s/log
cat >/dev/null
%[1]s/pg_ctl -D %[2]s/data -m immediate stop >/dev/null 2>&1
rm -rf %[2]s`, bin, dir, "-k "+dir+" -c listen_addresses= -c fsync=off -c max_connections=400 -c shared_buffers=64MB")
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	c.hold = write
	c.watch = exec.Command("sh", "-c", script)
	c.watch.Dir, c.watch.Stdin = dir, read
	c.watch.SysProcAttr = &syscall.SysProcAttr{Credential: owner, Setpgid: true}
	out, err := c.watch.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.watch.Start(); err != nil {
		return err
	}
	_ = read.Close()
	answer := make([]byte, 4096)
	n, _ := out.Read(answer)
	if !bytes.HasPrefix(answer[:n], []byte("ready")) {
		return fmt.Errorf("start PostgreSQL: %s", answer[:n])
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
	if len(found) == 0 {
		return "", errors.New("PostgreSQL's server programs (initdb, pg_ctl) are not installed")
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

func runAs(cmd *exec.Cmd, owner *syscall.Credential, dir string) error {
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}
