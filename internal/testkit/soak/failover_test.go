package soak_test

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net/url"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/drill"
	"github.com/tonggao/tonggao/internal/testkit/faultproxy"
	"github.com/tonggao/tonggao/internal/testkit/pgcluster"
)

// outage is how long the server is frozen, or the network forwards nothing.
const outage = 2 * time.Second

// TestFailover is the short form of `make drill`: two Tonggaos, which know both servers of a
// replicated pair, are written to and read from while the network stalls, the primary is
// frozen, and it is killed and the standby promoted. Nothing acknowledged is lost or
// doubled, both have the same change log, and nothing is restarted.
func TestFailover(t *testing.T) {
	t.Parallel()
	pair, ok := replicated(t)
	if !ok {
		return
	}
	var replicas []*program
	options := drill.Options{Tokens: map[string]string{}, Writers: 4, Readers: 4, Pause: 100 * time.Millisecond}
	for range 2 {
		p := newProgram(t, pair.url)
		p.start(t)
		replicas = append(replicas, p)
		options.Fronts, options.Replicas = append(options.Fronts, p.address), append(options.Replicas, p.address)
	}
	for _, role := range []string{"EDITOR", "INTEGRATOR"} {
		options.Tokens[role] = replicas[0].token(t, role)
	}
	load, err := drill.Start(t.Context(), options)
	check.NoError(t, err)
	for _, fault := range []struct {
		name  string
		cause func(*testing.T, *serverPair) time.Time
	}{{"stall", stallNetwork}, {"freeze", freezePrimary}, {"kill", killPrimary}} {
		_, err := load.Recovered(t.Context(), time.Now(), longest)
		check.NoError(t, err)
		moment := fault.cause(t, pair)
		recovery, err := load.Recovered(t.Context(), moment, longest)
		if err == nil {
			_, err = load.Working(t.Context(), fault.name, longest)
		}
		if err != nil {
			t.Errorf("%s: %v", fault.name, err)
			break
		}
		t.Logf("%s: every client writes again after %s, reads after %s", fault.name, recovery.LastWrite, recovery.LastRead)
	}
	check.NoError(t, load.Finish(t.Context(), func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, replicas[0].command(t, "export"))
		return err
	}))
	for _, problem := range load.Problems() {
		t.Error(problem)
	}
	writes, reads, retries := load.Counts()
	t.Logf("%d writes, %d reads, %d requests sent again", writes, reads, retries)
}

// longest is how long all may need to work again: a machine may be busy.
const longest = 2 * time.Minute

// serverPair is a PostgreSQL server and its synchronous standby, each behind a proxy.
type serverPair struct {
	url     string // for the program
	data    string // the folder of the primary
	standby string // its address, without the proxy
	links   [2]*faultproxy.Proxy
}

// replicated starts a pair; ok is false where PostgreSQL is not installed or not wanted.
func replicated(t *testing.T) (p *serverPair, ok bool) {
	t.Helper()
	if !pgcluster.Wanted() {
		return nil, false
	}
	server, err := pgcluster.StartReplicated()
	if errors.Is(err, pgcluster.ErrNotInstalled) && !pgcluster.Required() {
		t.Log("not run: ", err)
		return nil, false
	}
	check.NoError(t, err)
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Errorf("stop the servers: %v", err)
		}
	})
	dsn, err := url.Parse(server.DSN)
	check.NoError(t, err)
	dir := dsn.Query().Get("host")
	p = &serverPair{data: filepath.Join(dir, "data")}
	dsn.RawQuery = url.Values{"host": {filepath.Join(dir, "standby-socket")}}.Encode()
	p.standby = dsn.String()
	p.links = [2]*faultproxy.Proxy{faultproxy.New(t, server.DSN), faultproxy.New(t, p.standby)}
	p.url = "postgres://tonggao@" + p.links[0].Addr() + "," + p.links[1].Addr() +
		"/postgres?sslmode=disable&target_session_attrs=read-write&connect_timeout=2"
	return p, true
}

// stallNetwork stops forwarding to both servers, and returns when it flows again.
func stallNetwork(_ *testing.T, p *serverPair) time.Time {
	for _, link := range p.links {
		link.Stall()
	}
	<-time.After(outage)
	for _, link := range p.links {
		link.Resume()
	}
	return time.Now()
}

// freezePrimary stops all processes of the primary for a while.
func freezePrimary(t *testing.T, p *serverPair) time.Time {
	pid, err := drill.Postmaster(p.data)
	check.NoError(t, err)
	frozen := drill.Tree(pid)
	check.NoError(t, drill.Signal(syscall.SIGSTOP, frozen...))
	<-time.After(outage)
	check.NoError(t, drill.Signal(syscall.SIGCONT, frozen...))
	return time.Now()
}

// killPrimary kills all processes of the primary and promotes the standby.
func killPrimary(t *testing.T, p *serverPair) time.Time {
	pid, err := drill.Postmaster(p.data)
	check.NoError(t, err)
	check.NoError(t, drill.Signal(syscall.SIGKILL, drill.Tree(pid)...))
	standby, err := sql.Open("pgx", p.standby)
	check.NoError(t, err)
	defer standby.Close()
	_, err = standby.ExecContext(t.Context(), "SELECT pg_promote()")
	check.NoError(t, err)
	return time.Now()
}
