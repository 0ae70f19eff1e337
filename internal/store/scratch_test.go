package store_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/tonggao/tonggao/internal/store"
)

// TestScratch writes more than the cache holds, and looks for files that are left.
func TestScratch(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	ctx := context.Background()
	db, err := store.Scratch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(ctx, "CREATE TABLE ferry (name TEXT)"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(ctx, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO ferry SELECT printf('%01000d', i) FROM n"); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM ferry").Scan(&n); err != nil || n != 20_000 {
		t.Errorf("%d rows, %v", n, err)
	}
	if left, _ := filepath.Glob(dir + "/*"); len(left) > 0 {
		t.Errorf("files are left: %v", left)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	t.Setenv("TMPDIR", filepath.Join(dir, "none"))
	if _, err := store.Scratch(ctx); !os.IsNotExist(err) && err == nil {
		t.Error("a database in a folder that does not exist")
	}
}
