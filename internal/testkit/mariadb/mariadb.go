// Package mariadb starts a private MariaDB server for a test: new data in a temporary
// folder, reached through a Unix socket there and nowhere else. The server ends with the test, or
// with its process.
//
// Where the server is not installed the test is skipped, and says what to
// install. If TONGGAO_TEST_ENGINES lists mariadb it fails instead.
package mariadb

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/pgcluster"
)

// missing says what to install.
const missing = "MariaDB's server program (mariadbd) is not installed; on Debian: apt-get install mariadb-server-core"

// Start returns the socket of a server that ends with the test.
func Start(t testing.TB) (socket string) {
	t.Helper()
	server := find("mariadbd")
	if server == "" {
		if slices.Contains(strings.Split(os.Getenv(pgcluster.EnginesVariable), ","), "mariadb") {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	dir, err := os.MkdirTemp("", "tonggao-mariadb-*") // a short path, as sockets need
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	socket = filepath.Join(dir, "s")
	cmd := exec.Command(server, "--no-defaults", "--datadir="+data, "--socket="+socket, "--pid-file="+filepath.Join(dir, "pid"), "--skip-networking", "--skip-grant-tables", "--user=root",
		"--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M", "--performance-schema=OFF", "--log-error="+filepath.Join(dir, "log"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start MariaDB: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // nothing of it is kept
		_ = cmd.Wait()
	})
	check.Eventually(t, "MariaDB accepts connections", func() bool {
		c, err := net.Dial("unix", socket)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	return socket
}

// find returns the path of a program; "" where it is not installed.
func find(program string) string {
	for _, name := range []string{program, "/usr/sbin/" + program, "/usr/bin/" + program} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}
