// Package storetest opens stores on real databases for tests: an SQLite file each and, where
// PostgreSQL's server programs are installed, a database on a private cluster. Each store
// is a copy of a migrated template. Nothing is mocked, but for the clock.
package storetest

import (
	"context"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/store"
)

// A Store is a store with a clock that the test moves, and a count of its statements.
type Store struct {
	*store.Store
	URL string

	now        atomic.Int64
	statements atomic.Int64
	listen     atomic.Pointer[func(string)]
}

// Start is the time at which test clocks begin: a Monday morning in Asia/Shanghai.
var Start = instant.Of(time.Date(2026, 3, 2, 9, 0, 0, 0, instant.Zone))

// Key encrypts personal data in the stores of tests: two stores that are open on one database
// have the same.
const Key = "c7a3f5d09b1e4c6288f04d7be5a19c30c7a3f5d09b1e4c6288f04d7be5a19c30"

// MaxLag is how far a standby of a test may be behind.
const MaxLag = 2 * time.Second

// Each runs test on each available engine, in parallel.
func Each(t *testing.T, test func(*testing.T, *Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		if s, ok := Postgres(t); ok {
			test(t, s)
		}
	})
}

// SQLite opens a store on a new file, for tests that one engine is enough for.
func SQLite(t testing.TB) *Store { return Open(t, sqliteCopy(t)) }

// SQLiteURL returns the URL of a file that does not exist yet.
func SQLiteURL(t testing.TB) string {
	return "sqlite:" + filepath.Join(t.TempDir(), "tonggao.db")
}

// Open opens the store at url with a test clock and closes it at the end. Standbys are
// addresses of standbys that it may read from.
func Open(t testing.TB, url string, standbys ...string) *Store {
	t.Helper()
	s := &Store{URL: url}
	s.now.Store(int64(Start))
	opened, err := store.Open(context.Background(), store.Options{
		URL: url, Standbys: standbys, MaxLag: MaxLag,
		Keys:  func() (seal.Ring, error) { return seal.Parse(Key) },
		Clock: func() instant.Instant { return instant.Instant(s.now.Load()) },
		Observe: func(query string) {
			s.statements.Add(1)
			if listen := s.listen.Load(); listen != nil {
				(*listen)(query)
			}
		},
	})
	if err != nil {
		t.Fatalf("open %s: %v", url, err)
	}
	s.Store = opened
	t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			t.Errorf("close %s: %v", url, err)
		}
	})
	return s
}

// Advance moves the clock.
func (s *Store) Advance(d time.Duration) { s.now.Add(d.Microseconds()) }

// Set sets the clock.
func (s *Store) Set(t instant.Instant) { s.now.Store(int64(t)) }

// Count returns how many statements do sends.
func (s *Store) Count(do func()) int {
	before := s.statements.Load()
	do()
	return int(s.statements.Load() - before)
}

// Listen calls listen with each statement, one at a time, until the returned function is
// called.
func (s *Store) Listen(listen func(string)) (stop func()) {
	var turn sync.Mutex // the rows of one response are read concurrently
	inTurn := func(statement string) {
		turn.Lock()
		defer turn.Unlock()
		listen(statement)
	}
	s.listen.Store(&inTurn)
	return func() {
		s.listen.Store(nil)
		turn.Lock()
		defer turn.Unlock()
	}
}
