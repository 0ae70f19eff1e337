package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestRestoreComparesChecksum changes bytes of the content of a backup, which the structure
// of the file does not show: it is refused, and the database stays as it is.
func TestRestoreComparesChecksum(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	if err := create(s.Store, "before"); err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := store.Backup(t.Context(), s.URL, backup); err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(t.TempDir(), "tonggao.db")
	if _, err := store.Restore(t.Context(), "sqlite:"+target, backup, time.Now()); err != nil {
		t.Fatalf("the backup as it was written: %v", err)
	}
	content, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(content), strings.Repeat("螺", 100))
	copy(content[at+150:], "渡口")
	if err := os.WriteFile(backup, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Restore(t.Context(), "sqlite:"+target, backup, time.Now()); !fault.Is(err, fault.BadUserInput) || !strings.Contains(err.Error(), "nothing was changed") {
		t.Errorf("with other content: %v", err)
	}
	entries, err := os.ReadDir(filepath.Dir(target))
	if err != nil || len(entries) != 1 {
		t.Errorf("%v are left, %v", entries, err)
	}
	if err := os.Remove(backup + store.ChecksumSuffix); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Restore(t.Context(), "sqlite:"+target, backup, time.Now()); err != nil {
		t.Errorf("without a checksum: %v", err)
	}
}

// TestRestoreLeavesNoGap looks for the database without a pause while it is replaced.
func TestRestoreLeavesNoGap(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := store.Backup(t.Context(), s.URL, backup); err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(t.TempDir(), "tonggao.db")
	restore := func(at time.Time) {
		if _, err := store.Restore(t.Context(), "sqlite:"+target, backup, at); err != nil {
			t.Error(err)
		}
	}
	restore(time.Unix(0, 0))
	done, ended := make(chan struct{}), make(chan int)
	go func() {
		missing := 0
		for {
			select {
			case <-done:
				ended <- missing
				return
			default:
				if _, err := os.Stat(target); errors.Is(err, os.ErrNotExist) {
					missing++
				}
			}
		}
	}()
	for i := range 20 {
		restore(time.Unix(int64(i+1), 0))
	}
	close(done)
	if missing := <-ended; missing > 0 {
		t.Errorf("there was no database %d times", missing)
	}
	if kept, err := filepath.Glob(target + ".before-restore-*"); err != nil || len(kept) != 20 {
		t.Errorf("%d old databases are kept, %v", len(kept), err)
	}
}
