package serve_test

import (
	"os"
	"sync"
	"testing"

	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// shared serves the demo portal to the tests that only read. It starts with the first
// of them and ends after the last test of the package.
var shared struct {
	start   sync.Once
	life    lifetime
	program *apptest.Program
	home    string
}

// reading returns the shared site. A test that writes starts its own with site.
func reading(t testing.TB) (*apptest.Program, string) {
	t.Helper()
	shared.start.Do(func() {
		shared.life.TB = t
		shared.program, shared.home = site(&shared.life, storetest.SQLite(&shared.life))
	})
	if shared.program == nil {
		t.Fatal("the shared site did not start")
	}
	return shared.program.For(t), shared.home
}

func TestMain(m *testing.M) {
	code := m.Run()
	shared.life.end()
	os.Exit(code)
}

// lifetime represents the test that started the shared site, except that its cleanups and its
// folders last until end.
type lifetime struct {
	testing.TB
	cleanups []func()
}

func (l *lifetime) Cleanup(f func()) { l.cleanups = append(l.cleanups, f) }

func (l *lifetime) TempDir() string {
	dir, err := os.MkdirTemp("", "tonggao-wap-")
	if err != nil {
		l.Fatal(err)
	}
	l.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func (l *lifetime) end() {
	for len(l.cleanups) > 0 {
		last := len(l.cleanups) - 1
		f := l.cleanups[last]
		l.cleanups = l.cleanups[:last]
		f()
	}
}
