package pgcluster_test

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

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/tonggao/tonggao/internal/testkit/pgcluster"
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
	switch cluster, err := pgcluster.Start(); {
	case errors.Is(err, pgcluster.ErrNotInstalled):
		fmt.Println("not installed")
	case err != nil:
		fmt.Println(err)
	default:
		fmt.Println(cluster.DSN)
		_, _ = io.Copy(io.Discard, os.Stdin)
	}
}

// TestWith checks which server a command gets, by what the environment says.
func TestWith(t *testing.T) {
	for _, test := range []struct{ server, engines, printed, given string }{
		{"postgres://somewhere", "", "engines: sqlite and postgres, on the server of TONGGAO_TEST_POSTGRES\n", "postgres://somewhere"},
		{"", "sqlite", "engines: sqlite only, as TONGGAO_TEST_ENGINES says\n", ""},
	} {
		t.Setenv(pgcluster.Variable, test.server)
		t.Setenv(pgcluster.EnginesVariable, test.engines)
		var printed strings.Builder
		err := pgcluster.With(&printed, func(env []string) error {
			for _, pair := range env {
				if value, ok := strings.CutPrefix(pair, pgcluster.Variable+"="); ok && value != test.given {
					t.Errorf("%+v: the command gets %s", test, value)
				}
			}
			return nil
		})
		if err != nil || printed.String() != test.printed {
			t.Errorf("%+v: printed %s, %v", test, printed.String(), err)
		}
	}
}

// TestClusterEndsWithItsProcess kills the process that started a cluster. Every process that
// it started has inherited a pipe; the pipe ends when the last of them has ended.
func TestClusterEndsWithItsProcess(t *testing.T) {
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
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	var listening string
	err = db.QueryRowContext(context.Background(), "SHOW listen_addresses").Scan(&listening)
	if err = errors.Join(err, db.Close()); err != nil || listening != "" {
		t.Errorf("the cluster listens on %q, %v", listening, err)
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

// TestStartReplicated checks that the standby confirms commits and has what was committed.
func TestStartReplicated(t *testing.T) {
	t.Parallel()
	cluster, err := pgcluster.StartReplicated()
	if errors.Is(err, pgcluster.ErrNotInstalled) {
		t.Log("not run: ", err)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := cluster.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	}()
	db, err := sql.Open("pgx", cluster.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE words AS SELECT '养老' AS word"); err != nil {
		t.Error(err)
	}
	var state string
	if err := db.QueryRowContext(t.Context(), "SELECT sync_state FROM pg_stat_replication").Scan(&state); err != nil || state != "sync" {
		t.Errorf("the standby is %q, %v", state, err)
	}
}
