package store_test

import (
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// mountReadOnly mounts a folder over itself, read-only, until the test ends. It returns false
// where the test has no right to do so.
func mountReadOnly(t *testing.T, dir string) (unmount func(), ok bool) {
	t.Helper()
	if err := syscall.Mount(dir, dir, "", syscall.MS_BIND, ""); err != nil {
		t.Logf("not run, as it needs the right to mount: %v", err)
		return nil, false
	}
	unmount = func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) }
	t.Cleanup(unmount)
	check.NoError(t, syscall.Mount("", dir, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	return unmount, true
}

// TestPingReadOnlyMount mounts the disk of an SQLite database read-only, while it is open and
// before it is opened: readiness and a write report it, and reads work.
func TestPingReadOnlyMount(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	expect(t, s.Store, "before", "", "")
	dir := filepath.Dir(strings.TrimPrefix(s.URL, "sqlite:"))
	unmount, ok := mountReadOnly(t, dir)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Ping(ctx); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "mounted read-only") {
		t.Errorf("readiness says %v", err)
	}
	check.NoError(t, read(s.Store))

	another, err := store.Open(ctx, store.Options{URL: s.URL, Keys: testKeys})
	check.NoError(t, err)
	expect(t, another, "opened then", "mounted read-only", "the database is read-only")
	check.NoError(t, read(another))
	check.NoError(t, another.Close())
	reader, err := store.Open(ctx, store.Options{URL: s.URL, ReadOnly: true, Keys: testKeys})
	check.NoError(t, err)
	check.NoError(t, read(reader))
	check.NoError(t, reader.Ping(ctx))
	check.NoError(t, reader.Close())

	unmount()
	expect(t, s.Store, "after", "", "")
}
