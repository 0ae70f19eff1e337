package store_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/setting"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/testkit/faultproxy"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// create writes a setting of several pages of the database.
func create(s *store.Store, id string) error {
	ctx := viewer.AsSystem(context.Background())
	return s.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		return c.Setting.Create().SetID(id).SetValue(strings.Repeat("螺", 5000)).Exec(ctx)
	})
}

// expect compares what Ping and a write say with words; "" is success.
func expect(t *testing.T, s *store.Store, what, ping, writing string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	for _, result := range []struct {
		name, want string
		err        error
	}{{"a write", writing, create(s, strings.ReplaceAll(what, " ", "-"))}, {"readiness", ping, s.Ping(ctx)}} {
		switch {
		case result.want == "" && result.err != nil:
			t.Errorf("%s: %s: %v", what, result.name, result.err)
		case result.want != "" && (!fault.Is(result.err, fault.Unavailable) || !strings.Contains(result.err.Error(), result.want)):
			t.Errorf("%s: %s says %v instead of %q", what, result.name, result.err, result.want)
		}
	}
}

// TestPingDeletedFile deletes the file of an open database, and puts another there: no write
// is acknowledged.
func TestPingDeletedFile(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	path := strings.TrimPrefix(s.URL, "sqlite:")
	expect(t, s.Store, "before", "", "")
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	expect(t, s.Store, "deleted", "deleted or replaced", "deleted or replaced")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	expect(t, s.Store, "replaced", "deleted or replaced", "deleted or replaced")
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	expect(t, s.Store, "back", "", "")
}

// TestPingFullDisk gives an SQLite file no more pages, as a full disk does.
func TestPingFullDisk(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	limit := func(pages string) {
		if _, err := s.Client(t.Context()).ExecContext(t.Context(), "PRAGMA max_page_count = "+pages); err != nil {
			t.Fatal(err)
		}
	}
	limit("1") // of what there is already, nothing is taken away
	expect(t, s.Store, "full", "disk of the database is full", "disk of the database is full")
	if err := read(s.Store); err != nil {
		t.Errorf("a read: %v", err)
	}
	limit("100000")
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("there is space again: %v", err)
	}
	expect(t, s.Store, "space again", "", "")
}

func testKeys() (seal.Ring, error) { return seal.Parse(storetest.Key) }

// TestPingStandby uses a database that takes no writes, with and without ReadOnly.
func TestPingStandby(t *testing.T) {
	t.Parallel()
	direct, ok := storetest.Postgres(t)
	if !ok {
		return
	}
	for _, c := range []struct {
		readOnly    bool
		ping, write string
	}{
		{false, "the database is read-only", "the database is read-only"},
		{true, "", "send writes to one that may write"},
	} {
		s, err := store.Open(t.Context(), store.Options{URL: direct.URL + "&default_transaction_read_only=on", ReadOnly: c.readOnly, Keys: testKeys})
		if err != nil {
			t.Fatal(err)
		}
		expect(t, s, "standby", c.ping, c.write)
		if err := read(s); err != nil {
			t.Errorf("a read: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestReadOnly opens databases of both engines only to read, also one that nothing was
// ever written to.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, direct *storetest.Store) {
		s, err := store.Open(t.Context(), store.Options{URL: direct.URL, ReadOnly: true, Keys: testKeys})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		expect(t, s, "only reading", "", "send writes to one that may write")
		if err := create(direct.Store, "a-name"); err != nil {
			t.Fatal(err)
		}
		ctx := viewer.AsSystem(t.Context())
		if n, err := s.Client(ctx).Setting.Query().Where(setting.ID("a-name")).Count(ctx); err != nil || n != 1 {
			t.Errorf("%d settings, %v", n, err)
		}
		if _, err := s.Client(ctx).Region.Delete().Exec(ctx); !fault.Is(err, fault.Unavailable) {
			t.Errorf("a statement that writes: %v", err)
		}
	})
	if _, err := store.Open(t.Context(), store.Options{URL: storetest.SQLiteURL(t), ReadOnly: true}); !fault.Is(err, fault.BadUserInput) {
		t.Errorf("a file that does not exist: %v", err)
	}
}

// TestPingStoppedServer asks while no server runs, and while it is frozen.
func TestPingStoppedServer(t *testing.T) {
	t.Parallel()
	direct, ok := storetest.Postgres(t)
	if !ok {
		return
	}
	proxy := faultproxy.New(t, direct.URL)
	s, err := store.Open(t.Context(), store.Options{URL: proxy.URL, Limits: short})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	expect(t, s, "it runs", "", "")
	proxy.Refuse()
	expect(t, s, "stopped", "cannot be reached", "cannot be reached")
	proxy.Resume()
	within(t, 5*time.Second, "back", func() error { return s.Ping(t.Context()) })
	proxy.Stall()
	expect(t, s, "frozen", "did not answer in time", "did not answer in time")
	proxy.Resume()
	within(t, 10*time.Second, "back again", func() error { return s.Ping(t.Context()) })
}
