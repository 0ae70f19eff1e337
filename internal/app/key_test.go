package app_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/foundation/seal"
)

// TestKeyFile starts the program twice: the first start creates a key file that only its
// owner can read, the second one uses it; a damaged one is refused, not replaced.
func TestKeyFile(t *testing.T) {
	t.Parallel()
	c := config.Default()
	c.Addr, c.Database = "127.0.0.1:0", "sqlite:"+filepath.Join(t.TempDir(), "tonggao.db")
	file := strings.TrimPrefix(c.Database, "sqlite:") + ".key"
	start := func() error {
		var log strings.Builder
		a, err := app.Start(context.Background(), c, slog.New(slog.NewTextHandler(&log, nil)), "test")
		if err != nil {
			return err
		}
		if !strings.Contains(log.String(), file) && c.SecretKey == "" {
			t.Errorf("the log does not name the file: %s", log.String())
		}
		return a.Close()
	}
	var first []byte
	for range 2 {
		if err := start(); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("%v, %v", info, err)
		}
		text, err := os.ReadFile(file)
		if err != nil || first != nil && string(text) != string(first) {
			t.Errorf("the key changed: %v", err)
		}
		first = text
	}
	if err := os.WriteFile(file, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := start(); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("with a damaged key: %v", err)
	}
	c.SecretKey = seal.NewKey()
	if err := start(); err != nil {
		t.Errorf("with a key in the configuration: %v", err)
	}
}
