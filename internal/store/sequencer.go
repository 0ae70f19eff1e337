package store

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"entgo.io/ent/dialect"

	"github.com/tonggao/tonggao/internal/foundation/retry"
)

// A Sequencer brings the committed rows of a log on PostgreSQL into one order: it calls a
// function of the database that numbers in place the rows without a position that it sees.
// Writers neither wait for one another nor for it. Each process that has the database open
// runs one; rounds exclude each other by a row lock, so any of them may end or freeze.
//
// A position is given only to what is committed, and rounds follow one another, so a reader
// that pages by position steps over nothing. Of two rows that were inserted under the same
// row lock the first has the lower position. docs/decisions/0006 has the proof and the
// measurements. On SQLite, which has one writer, a Sequencer is nil and does nothing.
type Sequencer struct {
	db       *stdsql.DB
	function string
	wake     chan struct{}
	stop     context.CancelFunc
	ended    chan struct{}

	mu      sync.Mutex
	begun   int64         // rounds that were begun
	settled int64         // the last round that left nothing that it saw
	changed chan struct{} // closed when settled grows
}

// How a Sequencer calls its function. Its statements have timeouts of their own: no reader
// gets anything new while one waits.
const (
	roundSize     = 1000                   // rows of one call
	roundInterval = 200 * time.Millisecond // between calls, where no commit of this process asks for one
	roundPause    = 5 * time.Millisecond   // after a commit, so that a round numbers many; and while another process is at it
	roundTimeout  = 5 * time.Second        // of a call on the server; twice that for all of it
	settleTimeout = time.Second            // for which a reader waits
)

// newSequencer starts a sequencer that calls a function of the database.
func newSequencer(db *stdsql.DB, function string) *Sequencer {
	ctx, stop := context.WithCancel(context.Background())
	s := &Sequencer{db: db, function: function, wake: make(chan struct{}, 1), stop: stop, ended: make(chan struct{}), changed: make(chan struct{})}
	go s.run(ctx)
	return s
}

func (s *Sequencer) close() {
	if s != nil {
		s.stop()
		<-s.ended
	}
}

// Wake asks for a round soon: a commit brought rows.
func (s *Sequencer) Wake() {
	if s == nil {
		return
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Settle waits until all that was committed before is numbered, at most for a second: where
// the database is slower, the reader gets it later.
func (s *Sequencer) Settle(ctx context.Context) {
	if s == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	s.mu.Lock()
	next := s.begun + 1
	s.mu.Unlock()
	for s.Wake(); ; {
		s.mu.Lock()
		done, changed := s.settled >= next, s.changed
		s.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// run makes rounds until ctx ends: after a commit, at once while there is more, soon where
// another process is at it, and from time to time for the rows of processes that ended.
func (s *Sequencer) run(ctx context.Context) {
	defer close(s.ended)
	failures := 0
	for ctx.Err() == nil {
		s.mu.Lock()
		s.begun++
		this := s.begun
		s.mu.Unlock()
		rows, err := s.round(ctx)
		switch {
		case err != nil:
			if failures++; failures == 3 {
				slog.WarnContext(ctx, "bringing a log into order failed; retrying until it works", "function", s.function, "error", err)
			}
			s.pause(ctx, retry.Exponential(failures, 2*roundInterval, roundTimeout, rand.Float64()), nil)
			continue
		case rows < 0:
			s.pause(ctx, roundPause, nil)
		case rows < roundSize:
			s.settle(this)
			s.pause(ctx, roundInterval, s.wake)
			s.pause(ctx, roundPause, nil)
		}
		failures = 0
	}
}

func (s *Sequencer) settle(round int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settled = round
	close(s.changed)
	s.changed = make(chan struct{})
}

// pause waits for a time, until it is woken or until ctx ends.
func (*Sequencer) pause(ctx context.Context, d time.Duration, wake <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-wake:
	case <-ctx.Done():
	}
}

// round calls the function once and returns its result. All is one message to the server,
// so the transaction ends even if this process freezes. A round reads what was committed
// before it took the lock, which needs READ COMMITTED.
func (s *Sequencer) round(ctx context.Context) (rows int, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*roundTimeout)
	defer cancel()
	statement := fmt.Sprintf("BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = %d; SELECT %s(%d); COMMIT",
		roundTimeout.Milliseconds(), s.function, roundSize)
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return 0, fmt.Errorf("connect to call %s: %w", s.function, err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	var results []*pgconn.Result
	err = conn.Raw(func(driver any) (err error) {
		results, err = driver.(*stdlib.Conn).Conn().PgConn().Exec(ctx, statement).ReadAll()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("call %s: %w", s.function, err)
	}
	rows, err = strconv.Atoi(string(results[2].Rows[0][0]))
	if err != nil {
		return 0, fmt.Errorf("read what %s returned: %w", s.function, err)
	}
	return rows, nil
}

// sequencers are those of the two logs.
type sequencers struct{ changes, audits *Sequencer }

func (d *driver) startSequencers() sequencers {
	if d.Dialect() != dialect.Postgres || d.readOnly {
		return sequencers{}
	}
	return sequencers{newSequencer(d.sequence, "number_changes"), newSequencer(d.sequence, "chain_audits")}
}

func (s sequencers) close() {
	s.changes.close()
	s.audits.close()
}

// Changes returns the sequencer of the change log.
func (s *Store) Changes() *Sequencer { return s.sequencers.changes }

// Audits returns the sequencer of the audit log.
func (s *Store) Audits() *Sequencer { return s.sequencers.audits }
