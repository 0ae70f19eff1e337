package changefeed_test

import (
	"database/sql"
	"errors"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// refused reports whether a client that continues must start over.
func (r *replica) refused(n *fixture) bool {
	n.t.Helper()
	_, err := r.read(integrator, n.Log, 10, false)
	if err != nil && !errors.Is(err, changefeed.ErrOtherHistory) {
		n.t.Errorf("continue: %v", err)
	}
	return err != nil
}

// TestRestoreStartsOver restores a backup from before changes that clients have read, and
// writes others: an old cursor is refused at once, and a new copy is equal.
func TestRestoreStartsOver(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	n := open(t, s, 21)
	for range 5 {
		n.Act()
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	n.Must(store.Backup(t.Context(), s.URL, backup))
	kept := &replica{items: map[string]held{}}
	n.drain(kept) // up to the end of the backup
	for range 5 {
		n.Act()
	}
	beyond := &replica{items: map[string]held{}}
	n.drain(beyond)
	n.Must(s.Close())
	_, err := store.Restore(t.Context(), s.URL, backup, time.Now())
	n.Must(err)
	restored := &fixture{portal.NewWriter(t, storetest.Open(t, s.URL), 22), t}
	for _, r := range []*replica{kept, beyond} {
		if !r.refused(restored) {
			t.Error("after the restore an old cursor continues")
		}
	}
	for range 7 {
		restored.Act()
	}
	if !beyond.refused(restored) {
		t.Error("after further changes an old cursor continues")
	}
	anew := &replica{items: map[string]held{}}
	restored.drain(anew)
	restored.compare(anew)
	if anew.refused(restored) {
		t.Error("a cursor of after the restore is refused")
	}
}

// TestCopiedDatabaseStartsOver does the same with a copy of a PostgreSQL database, whose
// operator has not run any command: the end of the log and the fingerprints give it away.
func TestCopiedDatabaseStartsOver(t *testing.T) {
	t.Parallel()
	s, ok := storetest.Postgres(t)
	if !ok {
		return
	}
	n := open(t, s, 23)
	for range 5 {
		n.Act()
	}
	kept := &replica{items: map[string]held{}}
	n.drain(kept)
	restored := copyOf(t, n)
	for range 5 {
		n.Act()
	}
	beyond := &replica{items: map[string]held{}}
	n.drain(beyond)
	if !beyond.refused(restored) {
		t.Error("a cursor from beyond the end continues")
	}
	for range 12 {
		restored.Act()
	}
	if !beyond.refused(restored) {
		t.Error("a cursor behind an entry that was lost continues")
	}
	restored.drain(kept)
	restored.compare(kept)
	restored.Must(restored.Log.StartOver(system))
	if !kept.refused(restored) {
		t.Error("a cursor continues in a new epoch")
	}
	anew := &replica{items: map[string]held{}}
	restored.drain(anew)
	restored.compare(anew)
}

// copyOf returns the portal on a copy of its PostgreSQL database, as a backup restores it.
func copyOf(t *testing.T, n *fixture) *fixture {
	t.Helper()
	n.Must(n.Close())
	u, err := url.Parse(n.URL)
	n.Must(err)
	from := strings.TrimPrefix(u.Path, "/")
	name := from + "_copy"
	server, _, _ := storetest.PostgresServer()
	db, err := sql.Open("pgx", server)
	n.Must(err)
	t.Cleanup(func() { n.Must(db.Close()) })
	_, err = db.ExecContext(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+from)
	n.Must(err)
	t.Cleanup(func() {
		if _, err := db.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	original := storetest.Open(t, n.URL)
	n.Writer = portal.NewWriter(t, original, 24)
	u.Path = "/" + name
	return &fixture{portal.NewWriter(t, storetest.Open(t, u.String()), 25), t}
}

// loseAfter removes the entries after a position, as a failover does whose standby had not
// received them.
func loseAfter(t *testing.T, s *storetest.Store, position int64) {
	t.Helper()
	for _, statement := range []string{"DELETE FROM changes WHERE position > $1", "UPDATE change_head SET last = $1"} {
		if _, err := s.Client(system).ExecContext(system, statement, position); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCheckHistory notices that entries are gone which a process saw, and that the database is
// another one: the epoch is replaced once.
func TestCheckHistory(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s, 27)
		check := func(log *changefeed.Log) (epoch string) {
			mark, err := log.CheckHistory(system)
			n.Must(err)
			return mark.Epoch
		}
		other := changefeed.New(s.Store)
		end, err := n.Log.End(system)
		n.Must(err)
		if check(n.Log) != "" || check(other) != "" {
			t.Error("a new epoch without a loss")
		}
		n.AddCategory()
		if check(n.Log) != "" || check(other) != "" {
			t.Error("a new epoch after an entry")
		}
		loseAfter(t, s, end)
		first := check(n.Log)
		if first == "" || check(other) != first {
			t.Error("a loss did not begin one epoch")
		}
		n.AddCategory()
		check(n.Log)
		loseAfter(t, s, end)
		n.AddCategory()
		n.AddCategory()
		second := check(n.Log)
		if second == first || check(other) != second {
			t.Error("a loss that other entries cover did not begin one epoch")
		}
		if s.Engine == "sqlite3" {
			return
		}
		_, err = s.Client(system).ExecContext(system, "UPDATE settings SET value = 'another' WHERE name = 'changes_home'")
		n.Must(err)
		if check(changefeed.New(s.Store)) == second {
			t.Error("another database did not begin an epoch")
		}
		if third := check(other); check(changefeed.New(s.Store)) != third {
			t.Error("a restart began an epoch")
		}
	})
}

// TestOldCursor reads a cursor that an older version issued: it is good until the history
// changes.
func TestOldCursor(t *testing.T) {
	t.Parallel()
	n := open(t, storetest.SQLite(t), 26)
	n.Act()
	old := changefeed.Cursor{Position: 1, Base: 1}
	if _, err := n.Log.Page(integrator, old, 10, changefeed.Filter{}); err != nil {
		t.Error(err)
	}
	n.Must(n.Log.StartOver(system))
	if _, err := n.Log.Page(integrator, old, 10, changefeed.Filter{}); !errors.Is(err, changefeed.ErrOtherHistory) || !changefeed.MustStartOver(err) {
		t.Errorf("in a new epoch: %v", err)
	}
}
