package apptest

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/sync/exporter"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// Stored returns the text that a thief of the database could read: the files of SQLite,
// and an export of PostgreSQL made without the encryption key.
func Stored(t testing.TB, s *storetest.Store) string {
	t.Helper()
	var all bytes.Buffer
	if path, ok := strings.CutPrefix(s.URL, "sqlite:"); ok {
		for _, suffix := range []string{"", "-wal"} {
			text, err := os.ReadFile(path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(text)
		}
		return all.String()
	}
	opened, err := store.Open(context.Background(), store.Options{URL: s.URL, Clock: s.Clock})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = opened.Close() }()
	if err := exporter.New(opened, site.New(opened)).Export(System(), &all, exporter.Position{}, func(int) {}); err != nil {
		t.Fatal(err)
	}
	return all.String()
}
