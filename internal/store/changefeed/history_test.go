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

// refused reports whether a client that continues is told to start over.
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
	n.drain(kept) // stands at the end of the backup
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
