package store

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"math"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// A standby is a copy of the primary that takes reads. A monitor asks it every probeInterval
// how far it has replayed the log of the primary; while it does not answer, is too far
// behind, or is no standby of this primary, it gets no reads.
type standby struct {
	name      string // host, port and database
	pool      *pool
	probes    *stdsql.DB // one connection of the monitor, which must not wait for others
	position  atomic.Int64
	fallbacks atomic.Int64 // statements that the primary answered instead

	mu        sync.Mutex
	replayed  uint64          // of the primary's log, in bytes
	fresh     time.Time       // it has everything that was committed before; zero: not known
	identity  string          // of the database; empty: it must be read again
	refused   error           // why it gets no reads; nil: it may
	diverged  bool            // it has what the primary does not have, until it is restarted
	available context.Context // ends when it does not answer any more, and with it what waits for it
	gone      context.CancelFunc
}

// Bounds of waiting for a standby. Its statements end sooner than those of the primary,
// which answers them then.
const (
	standbyStatement = 3 * time.Second
	standbyPool      = time.Second
	standbyDial      = time.Second
)

var errUnknown = errors.New("it was not asked yet")

// openStandby returns the standby at an address. It does not connect.
func (d *driver) openStandby(address string, o Options) (*standby, error) {
	config, err := parseAddress(address)
	if err != nil {
		return nil, fault.Wrap(err, fault.BadUserInput, "the address of a standby cannot be read; it looks like postgres://USER@HOST:5432/NAME")
	}
	config.ConnectTimeout = min(config.ConnectTimeout, standbyDial)
	config.DialFunc = dialer(config.ConnectTimeout).DialContext
	limits := o.Limits
	limits.Request, limits.Pool = min(limits.Request, standbyStatement), min(limits.Pool, standbyPool)
	s := &standby{name: nameOf(config), refused: errUnknown}
	s.available, s.gone = context.WithCancel(context.Background())
	s.pool = openPostgresPool(withParameters(config, parameters, onlyReading), &line{turn: make(chan struct{}, 1)}, postgresReaders, limits)
	s.pool.standby = s
	s.probes = stdsql.OpenDB(stdlib.GetConnector(withParameters(config, parameters, onlyReading)))
	s.probes.SetMaxOpenConns(1)
	s.probes.SetMaxIdleConns(1)
	s.probes.SetConnMaxLifetime(connectionLife)
	return s, nil
}

// nameOf returns what metrics and the log call a database: nothing of it is secret.
func nameOf(config *pgx.ConnConfig) string {
	return net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port))) + "/" + config.Database
}

func (s *standby) close() error { return errors.Join(s.pool.Close(), s.probes.Close()) }

// life returns a context that ends when the standby does not answer any more.
func (s *standby) life() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.available
}

// during returns a context that also ends when the standby does not answer any more.
func (s *standby) during(ctx context.Context) (context.Context, context.CancelFunc) {
	if s == nil {
		return ctx, func() {}
	}
	ctx, end := context.WithCancel(ctx)
	stop := context.AfterFunc(s.life(), end)
	return ctx, func() { stop(); end() }
}

// lag returns an upper bound of how old the newest of what it has is: everything that was
// committed earlier than that it has.
func (s *standby) lag() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fresh.IsZero() {
		return math.MaxInt64
	}
	return time.Since(s.fresh)
}

// fit reports whether the standby may be read.
func (s *standby) fit() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused == nil
}

// progress is what a standby answers to a probe.
type progress struct {
	replayed uint64
	position int64
	identity string
}

const (
	// identityQuery returns what the copies of one database have in common.
	identityQuery = "SELECT current_database() || ' ' || system_identifier FROM pg_control_system()"
	// progressQuery returns whether a database is a standby, how many bytes of the primary's
	// log it has, and the last position of its change log.
	progressQuery = `SELECT pg_is_in_recovery(), COALESCE(pg_last_wal_replay_lsn() - '0/0'::pg_lsn, 0)::bigint, last FROM change_head`
	// endQuery returns how many bytes of its log a primary has made durable.
	endQuery = `SELECT ((CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END) - '0/0'::pg_lsn)::bigint`
)

var errNoStandby = errors.New("it is not in recovery, so it is not a standby")

// ask returns the progress of the standby.
func (s *standby) ask(ctx context.Context) (p progress, err error) {
	s.mu.Lock()
	p.identity = s.identity
	s.mu.Unlock()
	if p.identity == "" {
		if p.identity, err = identify(ctx, s.probes); err != nil {
			return p, err
		}
	}
	var recovering bool
	if err := s.probes.QueryRowContext(ctx, progressQuery).Scan(&recovering, &p.replayed, &p.position); err != nil {
		return p, fmt.Errorf("ask a standby how far it is: %w", err)
	}
	if !recovering {
		return p, errNoStandby
	}
	return p, nil
}

// identify returns what the copies of one database have in common; unknown where the server
// does not permit to read it.
func identify(ctx context.Context, db interface {
	QueryRowContext(context.Context, string, ...any) *stdsql.Row
}) (identity string, err error) {
	err = db.QueryRowContext(ctx, identityQuery).Scan(&identity)
	switch {
	case isPostgres(err, insufficientPrivilege):
		return unknownIdentity, nil
	case err != nil:
		return "", fmt.Errorf("read the identity of a database: %w", err)
	}
	return identity, nil
}

const (
	insufficientPrivilege = "42501"
	unknownIdentity       = "unknown"
)

// head returns the last position of the change log that the standby has.
func (s *standby) head(ctx context.Context) (last int64, err error) {
	last, err = readHead(ctx, s.pool)
	if err == nil {
		s.reached(last)
	}
	return last, err
}

// reached remembers that the standby has a position.
func (s *standby) reached(position int64) {
	for {
		old := s.position.Load()
		if old >= position || s.position.CompareAndSwap(old, position) {
			return
		}
	}
}

// readHead returns the last position of a change log.
func readHead(ctx context.Context, p *pool) (last int64, err error) {
	rows, err := p.QueryContext(ctx, "SELECT last FROM change_head")
	if err != nil {
		return 0, fmt.Errorf("read the position of the change log: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := rows.Scan(&last); err != nil {
			return 0, fmt.Errorf("read the position of the change log: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return 0, fmt.Errorf("read the position of the change log: %w", err)
	}
	return last, nil
}
