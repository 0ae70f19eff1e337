package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/region"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/setting"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestDrift fails when ent/schema is ahead of the migrations, and prints the
// statements that the next one needs.
func TestDrift(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		missing, err := s.Drift(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if missing != "" {
			t.Errorf("the migrations lack:\n%s", missing)
		}
	})
}

func TestTx(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		ctx := viewer.AsSystem(context.Background())
		put := func(ctx context.Context, c *ent.Client, slug string) error {
			return c.Region.Create().SetID(typeid.New(typeid.Region, s.Clock())).SetSlug(slug).SetName(slug).
				SetCreatedAt(s.Clock()).SetUpdatedAt(s.Clock()).Exec(ctx)
		}
		there := func(slug string) bool {
			ok, err := s.Client(ctx).Region.Query().Where(region.Slug(slug)).Exist(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return ok
		}
		boom := errors.New("boom")
		err := s.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
			if err := put(ctx, c, "outer"); err != nil {
				return err
			}
			return s.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
				if err := put(ctx, c, "inner"); err != nil {
					return err
				}
				return boom
			})
		})
		if !errors.Is(err, boom) || there("outer") || there("inner") {
			t.Errorf("an error in a nested transaction: %v, outer kept %v, inner kept %v", err, there("outer"), there("inner"))
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = s.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
				if err := put(ctx, c, "panic"); err != nil {
					return err
				}
				panic("boom")
			})
		}()
		if there("panic") {
			t.Error("a panic left its writes")
		}
		if err := s.Tx(ctx, func(ctx context.Context, c *ent.Client) error { return put(ctx, c, "kept") }); err != nil || !there("kept") {
			t.Errorf("a commit: %v, kept %v", err, there("kept"))
		}
		err = s.Tx(ctx, func(ctx context.Context, c *ent.Client) error { return put(ctx, c, "kept") })
		if !store.IsUnique(err) {
			t.Errorf("a slug that is taken: %v", err)
		}
	})
}

func TestOpenRejectsNewerDatabase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		ctx := viewer.AsSystem(context.Background())
		_, err := s.Client(ctx).ExecContext(ctx, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)")
		if err != nil {
			t.Fatal(err)
		}
		_, err = store.Open(ctx, store.Options{URL: s.URL})
		if err == nil || !strings.Contains(err.Error(), "newer tonggao") {
			t.Errorf("got %v", err)
		}
	})
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := t.TempDir()
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("this is no database ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	for url, says := range map[string]string{
		"mysql://x":                       "sqlite:PATH or postgres://",
		"sqlite:":                         "wants a file",
		"sqlite::memory:":                 "wants a file",
		"sqlite:" + text:                  "damaged",
		"postgres://127.0.0.1:1/nothing":  "does not answer",
		"sqlite:/proc/nowhere/tonggao.db": "cannot be made",
	} {
		if _, err := store.Open(ctx, store.Options{URL: url}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", url, err)
		}
	}
	if kept, _ := os.ReadFile(text); !strings.HasPrefix(string(kept), "this is no database") {
		t.Error("a file that is no database was written over")
	}
}

func TestOpenFileNames(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, name := range []string{"a#1", "a?b=c", "100%", "%2F", "a b", "养老", "a'b"} {
		dir := filepath.Join(t.TempDir(), name)
		url, backup := "sqlite:"+filepath.Join(dir, "tonggao.db"), filepath.Join(dir, "backup#"+name)
		s, err := store.Open(ctx, store.Options{URL: url})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := errors.Join(store.Backup(ctx, url, backup), s.Close()); err != nil {
			t.Errorf("back up %s: %v", name, err)
		}
		if _, err := store.Restore(ctx, url, backup, time.Now()); err != nil {
			t.Errorf("restore %s: %v", name, err)
		}
	}
}

func TestPingReportsDamage(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	ctx := viewer.AsSystem(context.Background())
	for i := range 200 {
		err := s.Client(ctx).Setting.Create().SetID(typeid.New(typeid.Site, s.Clock())).SetValue(strings.Repeat("x", 500+i)).Exec(ctx)
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Ping(ctx); err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "copy.db")
	if err := store.Backup(ctx, s.URL, backup); err != nil {
		t.Fatal(err)
	}
	damage(t, backup)
	broken, err := store.Open(ctx, store.Options{URL: "sqlite:" + backup})
	if err != nil {
		return // refused at once, which is as good
	}
	defer broken.Close()
	if err := broken.Ping(ctx); err == nil || !strings.Contains(err.Error(), "restore") {
		t.Errorf("a damaged database is ready: %v", err)
	}
}

// damage overwrites pages in the middle of a database file.
func damage(t *testing.T, file string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	for at := info.Size() / 2; at < info.Size(); at += 4096 {
		if _, err := f.WriteAt([]byte(strings.Repeat("damage", 300)), at); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	ctx := viewer.AsSystem(context.Background())
	s := storetest.SQLite(t)
	put := func(name string) {
		if err := s.Client(ctx).Setting.Create().SetID(name).SetValue("v").Exec(ctx); err != nil {
			t.Fatal(err)
		}
	}
	put("before")
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := store.Backup(ctx, s.URL, backup); err != nil {
		t.Fatal(err)
	}
	if err := store.Backup(ctx, s.URL, backup); !fault.Is(err, fault.BadUserInput) {
		t.Errorf("a backup over a file that exists: %v", err)
	}
	for _, file := range []string{backup, strings.TrimPrefix(s.URL, "sqlite:")} {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("others may read %s: %v, %v", file, info.Mode(), err)
		}
	}
	missing := filepath.Join(t.TempDir(), "missing.db")
	if err := store.Backup(ctx, "sqlite:"+missing, backup+"2"); !fault.Is(err, fault.BadUserInput) {
		t.Errorf("a backup of nothing: %v", err)
	}
	if _, err := os.Stat(missing); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a backup of nothing made something: %v", err)
	}
	put("after")
	if _, err := store.Restore(ctx, s.URL, backup, time.Now()); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a restore under a running program: %v", err)
	}
	target := storetest.SQLiteURL(t)
	if aside, err := store.Restore(ctx, target, backup, time.Now()); err != nil || aside != "" {
		t.Fatalf("restore to a new place: %q, %v", aside, err)
	}
	aside, err := store.Restore(ctx, target, backup, time.Now())
	if err != nil || aside == "" {
		t.Fatalf("restore over a database: %q, %v", aside, err)
	}
	restored := storetest.Open(t, target)
	if _, err := restored.Client(ctx).Setting.Get(ctx, "before"); err != nil {
		t.Errorf("what was in the backup: %v", err)
	}
	if _, err := restored.Client(ctx).Setting.Get(ctx, "after"); !ent.IsNotFound(err) {
		t.Errorf("what came after the backup: %v", err)
	}
	damage(t, backup)
	if _, err := store.Restore(ctx, target+"2", backup, time.Now()); err == nil || !strings.Contains(err.Error(), "nothing was changed") {
		t.Errorf("a damaged backup: %v", err)
	}
}

// TestSecrets opens one database without a key, with one, and after a rotation: with a key
// the secrets are derived, and the database holds none.
func TestSecrets(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		ctx := viewer.AsSystem(context.Background())
		secrets := func(keys string) [][]byte {
			t.Helper()
			opened, err := store.Open(ctx, store.Options{URL: s.URL, Clock: s.Clock, Keys: func() (seal.Ring, error) { return seal.Parse(keys) }})
			if err != nil {
				t.Fatal(err)
			}
			defer opened.Close()
			list, err := opened.Secrets(ctx, "attachment_key")
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		stored := func() bool {
			t.Helper()
			_, found, err := setting.Get(ctx, s.Client(ctx), "attachment_key")
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		open, again := secrets(""), secrets("")
		if len(open) != 1 || string(open[0]) != string(again[0]) || !stored() {
			t.Errorf("without a key: %q, %q", open, again)
		}
		older, newer := seal.NewKey(), seal.NewKey()
		one, both := secrets(older), secrets(newer+","+older)
		if len(one) != 1 || len(both) != 2 || string(one[0]) != string(both[1]) || string(one[0]) == string(open[0]) || stored() {
			t.Errorf("with a key: %q, %q", one, both)
		}
	})
}
