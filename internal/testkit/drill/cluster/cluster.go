package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/tonggao/tonggao/internal/testkit/drill"
	"github.com/tonggao/tonggao/internal/testkit/faultproxy"
)

// node is a PostgreSQL server under Patroni. Clients reach it through a proxy; Patroni and
// the other servers reach it directly.
type node struct {
	Name, REST, Address, Data string
	Etcd, Bin, Dir, Fsync     string
	patroni                   *exec.Cmd
	link                      *faultproxy.Proxy
}

// Through returns the address for clients.
func (n *node) Through() string { return n.link.Addr() }

// RESTPort returns the port of Patroni.
func (n *node) RESTPort() string { return port(n.REST) }

// replica is a Tonggao.
type replica struct {
	Name, Address string
	process       *exec.Cmd
	link          *faultproxy.Proxy // before PgBouncer; nil: it connects to the servers without a pooler
}

// cluster is all processes, in one folder.
type cluster struct {
	dir, bin, program, key string
	fsync                  string
	owner                  *syscall.Credential // of what refuses to run as root
	etcd                   string
	Database, Bouncer      string // ports of HAProxy's way to the primary, and of PgBouncer
	Front                  string // port of HAProxy's way to the Tonggaos
	Nodes                  []*node
	Replicas               []*replica
	started                []*exec.Cmd
}

// Dir returns the folder.
func (c *cluster) Dir() string { return c.dir }

// newCluster makes the folder and chooses the addresses.
func newCluster(program, fsync, key string) (*cluster, error) {
	for _, name := range []string{"etcd", "patroni", "pgbouncer", "haproxy", "psql"} {
		if _, err := exec.LookPath(name); err != nil {
			return nil, fmt.Errorf("%s is not installed; on Debian run internal/testkit/drill/install.sh: %w", name, err)
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(found) == 0 {
		return nil, errors.New("the server programs of PostgreSQL are not below /usr/lib/postgresql")
	}
	dir, err := os.MkdirTemp("", "tonggao-drill-")
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir, bin: found[len(found)-1], program: program, fsync: fsync, key: key}
	if os.Geteuid() == 0 {
		postgres, err := user.Lookup("postgres")
		if err != nil {
			return nil, err
		}
		uid, _ := strconv.Atoi(postgres.Uid)
		gid, _ := strconv.Atoi(postgres.Gid)
		c.owner = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(dir, uid, gid); err != nil {
			return nil, err
		}
	}
	ports, err := freePorts(13)
	if err != nil {
		return nil, err
	}
	next := func() string { p := ports[0]; ports = ports[1:]; return p }
	c.etcd, c.Database, c.Bouncer, c.Front = "127.0.0.1:"+next(), next(), next(), next()
	for i := range 3 {
		n := &node{Name: fmt.Sprintf("pg%d", i+1), REST: "127.0.0.1:" + next(), Address: "127.0.0.1:" + next(), Etcd: c.etcd, Bin: c.bin, Dir: dir, Fsync: fsync}
		n.Data = filepath.Join(dir, n.Name)
		if n.link, err = faultproxy.Listen("postgres://tonggao@" + n.Address + "/tonggao"); err != nil {
			return nil, err
		}
		c.Nodes = append(c.Nodes, n)
	}
	for i := range 3 {
		r := &replica{Name: fmt.Sprintf("tonggao%d", i+1), Address: "127.0.0.1:" + next()}
		if i < 2 {
			if r.link, err = faultproxy.Listen("postgres://tonggao@127.0.0.1:" + c.Bouncer + "/tonggao"); err != nil {
				return nil, err
			}
		}
		c.Replicas = append(c.Replicas, r)
	}
	return c, nil
}

func port(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }

// freePorts returns ports of the loopback on which nothing listens. They are below those
// that Linux gives to outgoing connections, one of which could take them before we listen.
func freePorts(n int) (list []string, err error) {
	for candidate := 12000 + rand.IntN(15000); len(list) < n; candidate++ {
		if candidate > 32000 {
			return nil, errors.New("no ports of the loopback are free")
		}
		listener, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(candidate))
		if err != nil {
			continue
		}
		list = append(list, strconv.Itoa(candidate))
		_ = listener.Close()
	}
	return list, nil
}

// start starts a program that ends with this one. What it prints is in NAME.log.
func (c *cluster) start(name string, owner *syscall.Credential, env []string, command ...string) (*exec.Cmd, error) {
	log, err := os.Create(filepath.Join(c.dir, name+".log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env, cmd.Dir = append(os.Environ(), env...), c.dir
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner, Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	c.started = append(c.started, cmd)
	return cmd, nil
}

// run starts everything, in order, and waits until it works.
func (c *cluster) run(ctx context.Context) error {
	if _, err := c.start("etcd", c.owner, nil, "etcd", "--name", "etcd1", "--data-dir", filepath.Join(c.dir, "etcd"), "--listen-client-urls", "http://"+c.etcd,
		"--advertise-client-urls", "http://"+c.etcd, "--listen-peer-urls", "http://127.0.0.1:0", "--initial-advertise-peer-urls", "http://127.0.0.1:2380",
		"--initial-cluster", "etcd1=http://127.0.0.1:2380", "--enable-v2", "--log-level", "warn"); err != nil {
		return err
	}
	for i, n := range c.Nodes {
		path, err := write(c.dir, n.Name+".yml", patroniConfig, n)
		if err != nil {
			return err
		}
		if n.patroni, err = c.start(n.Name, c.owner, nil, "patroni", path); err != nil {
			return err
		}
		if i == 0 { // the others copy it
			if err := c.await(ctx, "the first server", func() error { _, err := c.leader(ctx); return err }); err != nil {
				return err
			}
		}
	}
	if err := c.await(ctx, "two standbys, one of them synchronous", func() error { return c.healthy(ctx) }); err != nil {
		return err
	}
	if err := c.prepare(ctx); err != nil {
		return err
	}
	return c.serve(ctx)
}

// prepare creates the role and the database of the program, as docs/operations.md says for
// a pooler.
func (c *cluster) prepare(ctx context.Context) error {
	leader, err := c.leader(ctx)
	if err != nil {
		return err
	}
	for _, statement := range []string{
		"CREATE ROLE tonggao LOGIN", "CREATE DATABASE tonggao OWNER tonggao",
		"ALTER ROLE tonggao SET statement_timeout = '25s'", "ALTER ROLE tonggao SET lock_timeout = '3s'",
		"ALTER ROLE tonggao SET idle_in_transaction_session_timeout = '5s'", "ALTER ROLE tonggao SET jit = off",
	} {
		out, err := exec.CommandContext(ctx, "psql", "-h", "127.0.0.1", "-p", port(leader.Address), "-U", "postgres", "-d", "postgres", "-c", statement).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s: %w: %s", statement, err, out)
		}
	}
	return nil
}

// serve starts PgBouncer, HAProxy and the Tonggaos. Two use the pooler; the third connects
// to the servers and looks for the primary.
func (c *cluster) serve(ctx context.Context) error {
	if err := os.WriteFile(filepath.Join(c.dir, "users.txt"), []byte("\"tonggao\" \"\"\n"), 0o644); err != nil {
		return err
	}
	path, err := write(c.dir, "pgbouncer.ini", bouncerConfig, c)
	if err == nil {
		_, err = c.start("pgbouncer", c.owner, nil, "pgbouncer", path)
	}
	if err == nil {
		path, err = write(c.dir, "haproxy.cfg", haproxyConfig, c)
	}
	if err == nil {
		_, err = c.start("haproxy", nil, nil, "haproxy", "-db", "-f", path)
	}
	if err != nil {
		return err
	}
	if _, err := c.command(ctx, "migrate", "up"); err != nil {
		return err
	}
	for _, r := range c.Replicas {
		r.process, err = c.start(r.Name, nil, []string{"TONGGAO_SECRET_KEY=" + c.key}, c.program, "serve", "--addr", r.Address, "--database", c.address(r),
			"--media-dir", filepath.Join(c.dir, "media"), "--webhook-allow-network", "127.0.0.0/8", "--trusted-proxy", "127.0.0.1/32",
			"--rate-limit", "0", "--write-limit", "0", "--log-level", "warn")
		if err != nil {
			return err
		}
		if err := c.await(ctx, r.Name, func() error { return get(ctx, "http://"+r.Address+"/readyz") }); err != nil {
			return err
		}
	}
	return c.await(ctx, "HAProxy", func() error { return get(ctx, c.front()+"/readyz") })
}

func (c *cluster) front() string { return "http://127.0.0.1:" + c.Front }

// address returns the --database of a replica.
func (c *cluster) address(r *replica) string {
	if r.link != nil {
		return r.link.URL + "&default_query_exec_mode=exec"
	}
	var hosts []string
	for _, n := range c.Nodes {
		hosts = append(hosts, n.Through())
	}
	return "postgres://tonggao@" + strings.Join(hosts, ",") + "/tonggao?sslmode=disable&target_session_attrs=read-write&connect_timeout=2"
}

// command runs a command of the program and returns what it printed.
func (c *cluster) command(ctx context.Context, args ...string) (string, error) {
	var out bytes.Buffer
	err := c.commandTo(ctx, &out, args...)
	return strings.TrimSpace(out.String()), err
}

func (c *cluster) commandTo(ctx context.Context, out io.Writer, args ...string) error {
	var errs bytes.Buffer
	cmd := exec.CommandContext(ctx, c.program, append(args, "--database", c.address(c.Replicas[2]))...)
	cmd.Env = append(os.Environ(), "TONGGAO_SECRET_KEY="+c.key)
	cmd.Stdout, cmd.Stderr = out, &errs
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("tonggao %s: %w: %s", strings.Join(args, " "), err, &errs)
	}
	return nil
}

// await tries until there is no error, for two minutes.
func (c *cluster) await(ctx context.Context, what string, try func() error) error {
	var err error
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end) && ctx.Err() == nil; <-time.After(50 * time.Millisecond) {
		if err = try(); err == nil {
			return nil
		}
	}
	return fmt.Errorf("wait for %s: %w", what, err)
}

// close ends all processes, the last one first, and removes the folder unless keep.
func (c *cluster) close(keep bool) {
	for _, cmd := range slices.Backward(c.started) {
		_ = drill.Signal(syscall.SIGCONT, drill.Tree(cmd.Process.Pid)...)
		_ = cmd.Process.Signal(syscall.SIGTERM)
		end := time.AfterFunc(15*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		end.Stop()
	}
	for _, n := range c.Nodes {
		if pid, err := drill.Postmaster(n.Data); err == nil {
			_ = drill.Signal(syscall.SIGCONT, drill.Tree(pid)...)
			_ = drill.Signal(syscall.SIGKILL, drill.Tree(pid)...)
		}
		n.link.Close()
	}
	for _, r := range c.Replicas {
		if r.link != nil {
			r.link.Close()
		}
	}
	if !keep {
		_ = os.RemoveAll(c.dir)
	}
}
