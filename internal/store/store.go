// Package store holds the content: it opens the database, registers who may see
// and do what (internal/store/policy) before anybody else gets a client, keeps the
// schema up to date, and runs transactions.
//
// Only this package and storetest open databases, so no path to the content goes
// around the rules. SQLite has one writer, immediate transactions and a pool of
// read-only readers; PostgreSQL has one pool. An acknowledged write survives
// kill -9 on both, and a power cut too (synchronous=FULL).
package store

import (
	"context"
	"crypto/rand"
	"errors"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/store/setting"
)

// Options are what the program decides about its database.
type Options struct {
	URL       string                    // sqlite:PATH or postgres://…
	Clock     instant.Clock             // nil: the machine's
	Observe   func(query string)        // called with each statement, but for those Beside the requests; nil: nobody listens
	NoMigrate bool                      // leave the schema as it is; fail where it is not the binary's
	Keys      func() (seal.Ring, error) // what tells of persons is sealed with; nil, or no key: it is written open
	LowMemory bool                      // go through an SQLite file in little memory, rather than read it again and again
	MustExist bool                      // fail where there is no database yet, instead of making one
}

// Store is an open database.
type Store struct {
	Clock   instant.Clock
	Engine  string // dialect.SQLite or dialect.Postgres
	Cursors pagination.Signer
	Keys    seal.Ring // what secrets and what tells of persons are sealed with

	client *ent.Client
	driver *driver
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
	s := &Store{Clock: o.Clock, Engine: drv.Dialect(), driver: drv}
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
	if o.NoMigrate {
		if err := s.driver.requireCurrent(ctx); err != nil {
			return err
		}
	} else if err := s.driver.migrate(ctx); err != nil {
		return err
	}
	s.client = ent.NewClient(ent.Driver(s.driver))
	policy.Register(s.client, s.Clock, s.Keys)
	key, err := s.Secret(ctx, "cursor_key")
	if err != nil {
		return err
	}
	s.Cursors = pagination.NewSigner(key)
	return nil
}

// Close ends all connections.
func (s *Store) Close() error { return s.driver.Close() }

// Client is the client to read with: that of the transaction in ctx, if there is
// one.
func (s *Store) Client(ctx context.Context) *ent.Client {
	if tx := ent.TxFromContext(ctx); tx != nil {
		return tx.Client()
	}
	return s.client
}

// Tx runs do in a transaction: the one in ctx, if there is one, or a new one that
// is committed when do returns nil and rolled back on an error or a panic. Do
// must use the context and the client that it is handed.
func (s *Store) Tx(ctx context.Context, do func(context.Context, *ent.Client) error) (err error) {
	if tx := ent.TxFromContext(ctx); tx != nil {
		return do(ctx, tx.Client())
	}
	tx, err := s.client.Tx(ctx)
	if err != nil {
		return unavailable(err)
	}
	done := false
	defer func() {
		if !done {
			_ = tx.Rollback()
		}
	}()
	if err := do(ent.NewTxContext(ctx, tx), tx.Client()); err != nil {
		return conflict(err)
	}
	if err := tx.Commit(); err != nil {
		return unavailable(conflict(err))
	}
	done = true
	return nil
}

// Load runs do in a transaction and hands its row on, ready to be read further
// after the commit.
func Load[T interface{ Unwrap() T }](ctx context.Context, s *Store, do func(context.Context, *ent.Client) (T, error)) (T, error) {
	var row T
	joined := ent.TxFromContext(ctx) != nil
	err := s.Tx(ctx, func(ctx context.Context, c *ent.Client) (err error) {
		row, err = do(ctx, c)
		return err
	})
	if err != nil {
		var none T
		return none, err
	}
	if !joined {
		row = row.Unwrap()
	}
	return row, nil
}

// Ping reports whether the database answers and is sound.
func (s *Store) Ping(ctx context.Context) error { return s.driver.check(ctx) }

// Secret is a random key of the installation, made when first asked for.
func (s *Store) Secret(ctx context.Context, name string) (key []byte, err error) {
	value, ok, err := setting.Get(ctx, s.client, name)
	if err == nil && !ok {
		value, err = setting.Ensure(ctx, s.client, name, rand.Text()+rand.Text())
	}
	return []byte(value), err
}

// IsPostgres tells the engines apart where a statement must be written twice.
func IsPostgres(s *sql.Selector) bool { return s.Dialect() == dialect.Postgres }

func unavailable(err error) error {
	if err == nil || fault.CodeOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(err, fault.Unavailable, "the database does not take the change right now; nothing was written, try again in a moment")
}
