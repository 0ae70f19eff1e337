package store_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

func TestCheckEngine(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		if err := s.CheckEngine(t.Context()); err != nil {
			t.Error(err)
		}
		if err := s.CheckTimeouts(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// pgbouncer starts PgBouncer in transaction mode before the database at dsn, as in
// docs/operations.md, and returns the address through it. Where it is not installed, or may
// not run, ok is false.
func pgbouncer(t *testing.T, dsn string) (through string, ok bool) {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		if _, err = os.Stat("/usr/sbin/pgbouncer"); err != nil {
			t.Logf("not run behind PgBouncer: %v", err)
			return "", false
		}
		program = "/usr/sbin/pgbouncer"
	}
	if os.Geteuid() == 0 { // it refuses to run as root
		t.Log("not run behind PgBouncer: the tests run as root")
		return "", false
	}
	direct, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	_ = listener.Close()
	dir := t.TempDir()
	user := direct.User.Username()
	files := map[string]string{"users": fmt.Sprintf("%q \"\"\n", user), "pgbouncer.ini": fmt.Sprintf(`[databases]
* = host=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = trust
auth_file = %s
pool_mode = transaction
default_pool_size = 3
`, direct.Query().Get("host"), port, filepath.Join(dir, "users"))}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command(program, filepath.Join(dir, "pgbouncer.ini"))
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	address := fmt.Sprintf("127.0.0.1:%d", port)
	within(t, 5*time.Second, "start PgBouncer", func() error {
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
		}
		return err
	})
	return fmt.Sprintf("postgres://%s@%s%s?sslmode=disable", user, address, direct.Path), true
}

// TestPgBouncer opens a database behind PgBouncer in transaction mode: the address as it is
// is refused with the remedy, and with the remedy everything works.
func TestPgBouncer(t *testing.T) {
	t.Parallel()
	direct, ok := storetest.Postgres(t)
	if !ok {
		return
	}
	through, ok := pgbouncer(t, direct.URL)
	if !ok {
		return
	}
	if _, err := store.Open(t.Context(), store.Options{URL: through}); err == nil || !strings.Contains(err.Error(), "default_query_exec_mode=exec") {
		t.Errorf("without the remedy: %v", err)
	}
	s, err := store.Open(t.Context(), store.Options{URL: through + "&default_query_exec_mode=exec"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.CheckEngine(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.CheckTimeouts(t.Context()); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "ALTER ROLE CURRENT_USER SET lock_timeout = '3s'") {
		t.Errorf("the timeouts: %v", err)
	}
	for range 30 {
		if err := read(s); err != nil {
			t.Error(err)
		}
		if err := write(s); err != nil {
			t.Error(err)
		}
	}
}

// TestPoolerRemedy opens a database of which the answers are those of a pooler.
func TestPoolerRemedy(t *testing.T) {
	t.Parallel()
	s, proxy, ok := behindProxy(t, store.Limits{}, "")
	if !ok {
		return
	}
	for _, code := range []string{"42P05", "26000"} {
		within(t, 5*time.Second, "before "+code, func() error { return read(s) })
		proxy.Answer(code)
		err := s.CheckEngine(context.Background())
		proxy.Answer("")
		if err == nil || !strings.Contains(err.Error(), "default_query_exec_mode=exec") {
			t.Errorf("%s: %v", code, err)
		}
	}
}
