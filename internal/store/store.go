// Package store opens the database, registers the rules of internal/store/policy before
// any other package receives a client, migrates the schema, and runs transactions. It
// also backs the embedded database up and checks it.
//
// Only this package and storetest open databases, so every query and mutation is subject
// to the rules. SQLite has one writer, immediate transactions and a pool of read-only
// readers; PostgreSQL has one pool. A write that was acknowledged survives kill -9 on
// both, and a power failure (synchronous=FULL). The package has no queries about content:
// those are in the services.
package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	entsetting "github.com/tonggao/tonggao/ent/setting"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/store/setting"
)

// Options configures Open.
type Options struct {
	URL       string                    // sqlite:PATH or postgres://…
	Clock     instant.Clock             // nil: the machine's
	Observe   func(query string)        // called with each statement, except those of Background work and of Read itself; may be nil
	NoMigrate bool                      // do not migrate; fail unless the schema is this binary's
	Keys      func() (seal.Ring, error) // encrypt personal data at rest; with nil or no key it is stored in plain text
	LowMemory bool                      // do not map an SQLite file into memory; for commands that read it once
	MustExist bool                      // fail if there is no database yet, instead of creating one
	ReadOnly  bool                      // only read, as from a standby; writes are refused
	Limits    Limits                    // of every wait for the database
	Standbys  []string                  // addresses of standbys that Read may choose; on PostgreSQL
	MaxLag    time.Duration             // of a standby that is read; 0: 10 s
}

// Store is an open database.
type Store struct {
	Clock   instant.Clock
	Engine  string // dialect.SQLite or dialect.Postgres
	Cursors pagination.Signer
	Keys    seal.Ring // encrypt secrets and personal data
	Created bool      // Open created the file of the database

	client     *ent.Client
	driver     *driver
	sequencers sequencers
	ownCommits atomic.Uint64
	versions   sync.Map // of *versions, by Source
}

// Open opens the database at o.URL, creating and migrating it as needed.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Clock == nil {
		o.Clock = instant.Now
	}
	drv, err := connect(ctx, o)
	if err != nil {
		return nil, err
	}
	s := &Store{Clock: o.Clock, Engine: drv.Dialect(), Created: drv.created, driver: drv}
	if err := s.prepare(ctx, o); err != nil {
		return nil, errors.Join(err, drv.Close())
	}
	return s, nil
}

func (s *Store) prepare(ctx context.Context, o Options) (err error) {
	if o.Keys != nil {
		if s.Keys, err = o.Keys(); err != nil {
			return err
		}
	}
	if o.NoMigrate || o.ReadOnly {
		if err := s.driver.requireCurrent(ctx); err != nil {
			return err
		}
	} else if err := s.driver.migrate(ctx); err != nil {
		return err
	}
	s.client = ent.NewClient(ent.Driver(s.driver))
	policy.Register(s.client, s.Clock, s.Keys)
	if err := s.deleteOpenSecrets(ctx); err != nil {
		return err
	}
	keys, err := s.Secrets(ctx, "cursor_key")
	if err != nil {
		return err
	}
	s.Cursors = pagination.NewSigner(keys...)
	s.sequencers = s.driver.startSequencers()
	s.driver.standbys.watch()
	return nil
}

// ReadOnly reports whether the store refuses writes.
func (s *Store) ReadOnly() bool { return s.driver.readOnly }

// Close ends all connections.
func (s *Store) Close() error {
	s.sequencers.close()
	return s.driver.Close()
}

// Client returns the client to read with: that of the transaction in ctx, if there is one.
func (s *Store) Client(ctx context.Context) *ent.Client {
	if tx := ent.TxFromContext(ctx); tx != nil {
		return tx.Client()
	}
	return s.client
}

// Ping reports whether the database can do its work: it answers, is sound and, unless the
// store only reads, takes writes. The message of the error says what is wrong.
func (s *Store) Ping(ctx context.Context) error { return s.driver.check(ctx) }

// Secrets returns the keys of the installation for a purpose such as signing cursors: one
// derived from each key that encrypts, the current one first, so that the database holds
// none of them. Without such a key it is one random key in the database, which the first
// call creates.
func (s *Store) Secrets(ctx context.Context, name string) ([][]byte, error) {
	if !s.Keys.Empty() {
		return s.Keys.Derive(name), nil
	}
	value, ok, err := setting.Get(ctx, s.client, name)
	if err == nil && !ok {
		if s.ReadOnly() {
			return nil, fault.New(fault.Unavailable, "this database was never served by a program that may write: start one without --read-only first")
		}
		value, err = setting.Ensure(ctx, s.client, name, rand.Text()+rand.Text())
	}
	return [][]byte{[]byte(value)}, err
}

// deleteOpenSecrets deletes the keys that Secrets, or an older version of the program, keeps
// in the database, once there is a key to derive them from.
func (s *Store) deleteOpenSecrets(ctx context.Context) error {
	if s.Keys.Empty() || s.ReadOnly() {
		return nil
	}
	open := entsetting.IDIn("cursor_key", "attachment_key", "notifier_key", "receipt_key")
	ctx = viewer.AsSystem(ctx)
	found, err := s.client.Setting.Query().Where(open).Exist(ctx) // a standby takes no writes, not even of nothing
	if err == nil && found {
		_, err = s.client.Setting.Delete().Where(open).Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("delete the keys in the database: %w", err)
	}
	return nil
}

// IsPostgres reports whether s is for PostgreSQL, where a statement must be written twice.
func IsPostgres(s *sql.Selector) bool { return s.Dialect() == dialect.Postgres }
