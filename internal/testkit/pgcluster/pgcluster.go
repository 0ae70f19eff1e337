// Package pgcluster starts a private PostgreSQL server for tests: a new cluster in a
// temporary directory, reached through a Unix socket there and nowhere else, without any
// durability. Invariant: when the process that started it ends, in any way, the server ends
// too and its files are removed. It opens no database and imports nothing of the program,
// so that a command that uses it compiles within seconds.
package pgcluster

import (
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
	"syscall"
)

// Environment variables of the tests.
const (
	// Variable names the address of a running server; with it no private one is started.
	Variable = "TONGGAO_TEST_POSTGRES"
	// EnginesVariable lists the engines that tests run on: "sqlite" leaves PostgreSQL out,
	// with "sqlite,postgres" its absence is a failure. Without it tests run on what there is.
	EnginesVariable = "TONGGAO_TEST_ENGINES"
)

// Wanted reports whether tests run on PostgreSQL where there is a server.
func Wanted() bool { return os.Getenv(EnginesVariable) == "" || Required() }

// Required reports whether tests must run on PostgreSQL.
func Required() bool {
	return slices.Contains(strings.Split(os.Getenv(EnginesVariable), ","), "postgres")
}

// With runs do with the environment in which tests find a server: the one that is given
// already, or a private one, which is stopped afterwards. It writes to out which engines
// the tests run on.
func With(out io.Writer, do func(env []string) error) (err error) {
	env := os.Environ()
	if !Wanted() {
		_, _ = fmt.Fprintf(out, "engines: sqlite only, as %s says\n", EnginesVariable)
		return do(env)
	}
	if os.Getenv(Variable) != "" {
		_, _ = fmt.Fprintf(out, "engines: sqlite and postgres, on the server of %s\n", Variable)
		return do(env)
	}
	cluster, err := Start()
	if err != nil {
		_, _ = fmt.Fprintf(out, "engines: sqlite only: %v\n", err)
		return do(env)
	}
	defer func() {
		if stop := cluster.Stop(); stop != nil {
			err = errors.Join(err, fmt.Errorf("stop PostgreSQL: %w", stop))
		}
	}()
	_, _ = fmt.Fprintln(out, "engines: sqlite and postgres")
	return do(append(env, Variable+"="+cluster.DSN))
}

// A Cluster is a running server.
type Cluster struct {
	DSN     string
	Standby string // the address of the standby of a replicated server

	watch *exec.Cmd
	hold  *os.File
}

// ErrNotInstalled means that PostgreSQL's server programs were not found.
var ErrNotInstalled = errors.New("PostgreSQL's server programs (initdb, pg_ctl) are not installed")

// Start starts a server that stops when Stop is called or when this process ends.
func Start() (*Cluster, error) { return start("") }

// StartReplicated starts a server with a standby that confirms every commit. Both count
// statements by pg_stat_statements, where that is installed.
func StartReplicated() (*Cluster, error) {
	return start("-c wal_level=replica -c max_wal_senders=4 -c synchronous_commit=on -c synchronous_standby_names=walreceiver")
}

// counting returns the option that loads pg_stat_statements; empty where that is not
// installed.
func counting(bin string) string {
	if _, err := os.Stat(filepath.Join(bin, "../lib/pg_stat_statements.so")); err != nil {
		return ""
	}
	return "-c shared_preload_libraries=pg_stat_statements"
}

// start starts a server with options; with any, it also starts a standby.
func start(options string) (*Cluster, error) {
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
	owner, err := chownForServer(dir)
	if err != nil {
		return nil, errors.Join(err, os.Remove(dir))
	}
	c := &Cluster{DSN: address(dir), Standby: address(dir + "/standby-socket")}
	if err := c.serve(bin, dir, options, owner); err != nil {
		return nil, err
	}
	return c, nil
}

// address returns the address of the server whose socket is in a folder.
func address(dir string) string {
	return "postgres://tonggao@/postgres?" + url.Values{"host": {dir}}.Encode()
}

// longestBase keeps the path of the socket below the 107 bytes that it may have.
const longestBase = 60

// script runs the server from its first file to the removal of the last one, in a shell
// that outlives this process. It prints "ready" or the error, and waits until its standard
// input is closed, which the end of this process does too.
const script = `
"$1/initdb" -D "$2/data" -U tonggao -A trust -E UTF8 --locale=C --no-sync >"$2/log" 2>&1 &&
	"$1/pg_ctl" -D "$2/data" -l "$2/log" -w -t 60 -o "-k '$2' $4 -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 -c autovacuum=off -c max_connections=400 -c shared_buffers=128MB $3" start >/dev/null 2>&1 &&
	{ [ -z "$3" ] || {
		mkdir "$2/standby-socket" &&
		"$1/pg_basebackup" -d "host='$2' user=tonggao" -D "$2/standby" -R -X stream -c fast --no-sync >>"$2/log" 2>&1 &&
		"$1/pg_ctl" -D "$2/standby" -l "$2/log" -w -t 60 -o "-k '$2/standby-socket' $4 -c listen_addresses= -c fsync=off -c max_connections=400 -c max_wal_senders=4" start >/dev/null 2>&1
	}; } &&
	echo ready || cat "$2/log"
exec >/dev/null
cat
[ -d "$2/standby" ] && "$1/pg_ctl" -D "$2/standby" -m immediate stop 2>&1
"$1/pg_ctl" -D "$2/data" -m immediate stop 2>&1
cd / && rm -rf "$2"`

func (c *Cluster) serve(bin, dir, options string, owner *syscall.Credential) error {
	read, write, err := os.Pipe()
	if err != nil {
		return errors.Join(err, os.Remove(dir))
	}
	c.hold = write
	statements := ""
	if options != "" {
		statements = counting(bin)
	}
	c.watch = exec.Command("sh", "-c", script, "sh", bin, dir, options, statements)
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

// programs returns the folder of PostgreSQL's server programs.
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

// unprivilegedID is the user without rights that every Linux system has.
const unprivilegedID = "65534"

// chownForServer gives dir to a user that is not root, because PostgreSQL refuses to run as
// root. It returns nil where this process does not run as root either.
func chownForServer(dir string) (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	found, err := user.Lookup("postgres")
	if err != nil {
		found, err = user.LookupId(unprivilegedID)
	}
	if err != nil {
		return nil, fmt.Errorf("find a user for PostgreSQL, which does not run as root: %w", err)
	}
	uid, _ := strconv.Atoi(found.Uid)
	gid, _ := strconv.Atoi(found.Gid)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(dir, uid, gid)
}
