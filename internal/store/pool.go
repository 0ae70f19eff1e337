package store

import (
	"context"
	stdsql "database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// pool is a pool of connections of which every wait is bounded: the wait for a free
// connection here, statements, transactions and commits in conn. Its errors have codes
// (see classify).
type pool struct {
	*stdsql.DB
	limits Limits
	slots  chan struct{} // as many as there may be connections
	guard  func() error  // called before a write is committed; nil: none

	standby *standby // whose connections these are; nil: they are the primary's

	failure  atomic.Pointer[error] // why the last write failed, where others would fail too; nil: it did not
	timedOut atomic.Int64          // when a statement last ended by its deadline, in Unix nanoseconds
}

// openPool returns a pool of at most size connections, of which it keeps idle ones.
func openPool(c sqldriver.Connector, size, idle int, limits Limits) *pool {
	p := &pool{limits: limits, slots: make(chan struct{}, size)}
	p.DB = stdsql.OpenDB(connector{c, p})
	p.SetMaxOpenConns(size)
	p.SetMaxIdleConns(idle)
	return p
}

// suspectFor is how long connections are checked before each use after a statement ended
// by its deadline: the server may be frozen, and with it all connections to it.
const suspectFor = 10 * time.Second

func (p *pool) suspect() { p.timedOut.Store(time.Now().UnixNano()) }

func (p *pool) isSuspect() bool {
	return time.Since(time.Unix(0, p.timedOut.Load())) < suspectFor
}

// slot is the right to use one connection.
type slot struct {
	once sync.Once
	pool *pool
	kept bool // until rows are closed
}

type slotKey struct{}

func (s *slot) release() { s.once.Do(func() { <-s.pool.slots }) }

// take waits for a slot.
func (p *pool) take(ctx context.Context) (*slot, error) {
	select {
	case p.slots <- struct{}{}:
		return &slot{pool: p}, nil
	default:
	}
	timer := time.NewTimer(p.limits.pool(ctx))
	defer timer.Stop()
	var gone <-chan struct{}
	if p.standby != nil {
		gone = p.standby.life().Done()
	}
	select {
	case p.slots <- struct{}{}:
		return &slot{pool: p}, nil
	case <-ctx.Done():
		return nil, classify(ctx.Err())
	case <-gone:
		return nil, &fault.Error{Code: fault.Unavailable, Message: unreachable, Retry: soon}
	case <-timer.C:
		return nil, &fault.Error{Code: fault.Unavailable, Retry: 2 * time.Second,
			Message: "the database is busy: all its connections are in use; try again in a moment"}
	}
}

// QueryContext runs a statement that returns rows. Its connection is free again when they
// are closed.
func (p *pool) QueryContext(ctx context.Context, query string, args ...any) (*stdsql.Rows, error) {
	s, err := p.take(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := p.DB.QueryContext(context.WithValue(ctx, slotKey{}, s), query, args...)
	if !s.kept {
		s.release()
	}
	return rows, classify(err)
}

// ExecContext runs a statement that returns no rows.
func (p *pool) ExecContext(ctx context.Context, query string, args ...any) (stdsql.Result, error) {
	s, err := p.take(ctx)
	if err != nil {
		return nil, err
	}
	defer s.release()
	result, err := p.DB.ExecContext(ctx, query, args...)
	return result, classify(err)
}

// begin opens a transaction that ends with its limit, not with the request: a COMMIT is
// not cut off because the client has gone.
func (p *pool) begin(ctx context.Context, opts *sql.TxOptions) (*tx, error) {
	s, err := p.take(ctx)
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.limits.work(ctx))
	begun, err := p.BeginTx(limited, opts)
	if err != nil {
		cancel()
		s.release()
		return nil, classify(err)
	}
	return &tx{Tx: begun, ctx: limited, limit: p.limits.work(ctx), end: func() { cancel(); s.release() }}, nil
}

// tx is a transaction. Its errors have codes.
type tx struct {
	*stdsql.Tx
	ctx   context.Context // ends with its limit
	limit time.Duration
	end   func()
}

// failed returns err with its code. Where the time of the transaction has passed, the
// connection was closed, which says less about the cause than the limit does.
func (t *tx) failed(err error) error {
	err = classify(err)
	if !fault.Is(err, fault.Unavailable) || !errors.Is(t.ctx.Err(), context.DeadlineExceeded) {
		return err
	}
	return &fault.Error{Code: fault.Unavailable, Cause: err, Retry: soon,
		Message: fmt.Sprintf("the work took longer than its limit of %s; try again in a moment", t.limit)}
}

// Commit commits the transaction; see CommitUnknown.
func (t *tx) Commit() error {
	defer t.end()
	return t.failed(t.Tx.Commit())
}

// Rollback ends the transaction; where its time had passed, it has ended already.
func (t *tx) Rollback() error {
	defer t.end()
	if err := t.Tx.Rollback(); !errors.Is(err, stdsql.ErrTxDone) {
		return classify(err)
	}
	return nil
}

func (t *tx) QueryContext(ctx context.Context, query string, args ...any) (*stdsql.Rows, error) {
	rows, err := t.Tx.QueryContext(ctx, query, args...)
	return rows, t.failed(err)
}

func (t *tx) ExecContext(ctx context.Context, query string, args ...any) (stdsql.Result, error) {
	result, err := t.Tx.ExecContext(ctx, query, args...)
	return result, t.failed(err)
}
