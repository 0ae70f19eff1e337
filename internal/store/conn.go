package store

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"io"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// connector makes connections whose waits are bounded and whose errors have codes.
type connector struct {
	sqldriver.Connector
	pool *pool
}

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (sqldriver.Conn, error) {
	ctx, end := c.pool.standby.during(ctx)
	defer end()
	made, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, classify(err)
	}
	return &conn{engineConn: made.(engineConn), pool: c.pool}, nil
}

// engineConn is what the drivers of both engines implement.
type engineConn interface {
	sqldriver.Conn
	sqldriver.ConnBeginTx
	sqldriver.ConnPrepareContext
	sqldriver.ExecerContext
	sqldriver.QueryerContext
	sqldriver.Pinger
}

// conn is a connection. A statement ends with the limit of its class of work, and with
// that of its transaction, even where the server does not answer any more: what the
// server promises to end it cannot end when it is frozen.
type conn struct {
	engineConn
	pool     *pool
	deadline time.Time // of the running transaction; zero: there is none
	demoted  bool      // the server is read-only: another may be the primary now
}

// bound returns ctx with the deadline of a statement.
func (c *conn) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	end := time.Now().Add(c.pool.limits.work(ctx))
	if !c.deadline.IsZero() && c.deadline.Before(end) {
		end = c.deadline
	}
	if earlier, ok := ctx.Deadline(); ok && earlier.Before(end) {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, end)
}

// failed returns err with its code. It remembers that the server did not answer in time.
func (c *conn) failed(ctx context.Context, err error) error {
	switch {
	case err == nil || errors.Is(err, sqldriver.ErrBadConn): // database/sql tries another connection
		return err
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		c.pool.suspect()
	case ctx.Err() == nil && c.closed():
		return lost(err)
	}
	err = classify(err)
	var f *fault.Error
	if errors.As(err, &f) && (f.Message == diskFull || f.Message == readOnly || f.Message == broken) {
		c.pool.failure.Store(&err)
		c.demoted = f.Message == readOnly
	}
	return err
}

// wrote records that a write was successful.
func (c *conn) wrote() { c.pool.failure.Store(nil) }

// IsValid implements driver.Validator: database/sql calls it before it keeps a connection.
func (c *conn) IsValid() bool { return !c.demoted && !c.closed() }

// closed reports whether the connection ended with the last statement.
func (c *conn) closed() bool {
	pg, ok := c.engineConn.(*stdlib.Conn)
	return ok && pg.Conn().IsClosed()
}

// QueryContext implements driver.QueryerContext.
func (c *conn) QueryContext(ctx context.Context, query string, args []sqldriver.NamedValue) (sqldriver.Rows, error) {
	if c.pool.standby != nil {
		return c.readWhole(ctx, query, args)
	}
	bounded, cancel := c.bound(ctx)
	found, err := c.engineConn.QueryContext(bounded, query, args)
	if err != nil {
		defer cancel()
		return nil, c.failed(bounded, err)
	}
	r := &rows{Rows: found, conn: c, ctx: bounded, cancel: cancel}
	if s, ok := ctx.Value(slotKey{}).(*slot); ok {
		s.kept, r.slot = true, s
	}
	return r, nil
}

// ExecContext implements driver.ExecerContext.
func (c *conn) ExecContext(ctx context.Context, query string, args []sqldriver.NamedValue) (sqldriver.Result, error) {
	if c.deadline.IsZero() && c.pool.guard != nil {
		if err := c.pool.guard(); err != nil {
			return nil, err
		}
	}
	ctx, cancel := c.bound(ctx)
	defer cancel()
	result, err := c.engineConn.ExecContext(ctx, query, args)
	if err == nil && c.deadline.IsZero() {
		c.wrote()
	}
	return result, c.failed(ctx, err)
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *conn) PrepareContext(ctx context.Context, query string) (sqldriver.Stmt, error) {
	bounded, cancel := c.bound(ctx)
	defer cancel()
	prepared, err := c.engineConn.PrepareContext(bounded, query)
	return prepared, c.failed(bounded, err)
}

// Ping implements driver.Pinger.
func (c *conn) Ping(ctx context.Context) error {
	ctx, cancel := c.bound(ctx)
	defer cancel()
	return c.failed(ctx, c.engineConn.Ping(ctx))
}

// pingTime bounds the check of a connection before it is used again.
const pingTime = 2 * time.Second

// ResetSession implements driver.SessionResetter: database/sql calls it before it uses a
// connection again.
func (c *conn) ResetSession(ctx context.Context) error {
	resetter, ok := c.engineConn.(sqldriver.SessionResetter)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, pingTime)
	defer cancel()
	ctx, end := c.pool.standby.during(ctx)
	defer end()
	return resetter.ResetSession(ctx)
}

// CheckNamedValue implements driver.NamedValueChecker.
func (c *conn) CheckNamedValue(v *sqldriver.NamedValue) error {
	if checker, ok := c.engineConn.(sqldriver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return sqldriver.ErrSkip
}

// BeginTx implements driver.ConnBeginTx. Ctx holds for BEGIN and, on PostgreSQL, for
// COMMIT and ROLLBACK too.
func (c *conn) BeginTx(ctx context.Context, opts sqldriver.TxOptions) (sqldriver.Tx, error) {
	begun, err := c.engineConn.BeginTx(ctx, opts)
	if err != nil {
		return nil, c.failed(ctx, err)
	}
	c.deadline = time.Now().Add(c.pool.limits.work(ctx))
	if end, ok := ctx.Deadline(); ok {
		c.deadline = end
	}
	return &connTx{Tx: begun, conn: c, ctx: ctx}, nil
}

// connTx is a transaction of a conn.
type connTx struct {
	sqldriver.Tx
	conn *conn
	ctx  context.Context
}

// Commit implements driver.Tx.
func (t *connTx) Commit() error {
	defer func() { t.conn.deadline = time.Time{} }()
	if t.conn.pool.guard != nil {
		if err := t.conn.pool.guard(); err != nil {
			return errors.Join(err, t.Tx.Rollback())
		}
	}
	err := t.conn.failed(t.ctx, t.Tx.Commit())
	if err == nil && t.conn.unreplicated() {
		return errNotReplicated
	}
	if err == nil {
		t.conn.wrote()
	}
	return err
}

// Rollback implements driver.Tx.
func (t *connTx) Rollback() error {
	defer func() { t.conn.deadline = time.Time{} }()
	return t.conn.failed(t.ctx, t.Tx.Rollback())
}

// notReplicated marks a connection on which PostgreSQL warned that a commit is in its own
// log but not on the standby that it should have waited for.
const notReplicated = "tonggao.not-replicated"

// errNotReplicated is why a commit that PostgreSQL confirmed may be lost: it was cancelled
// while it waited for a standby, so a failover may undo it.
var errNotReplicated = errors.New("the commit is on the primary, which stopped waiting for its standby")

// unreplicated reports whether the last commit is only on the primary, and forgets it.
func (c *conn) unreplicated() bool {
	pg, ok := c.engineConn.(*stdlib.Conn)
	if !ok {
		return false
	}
	marks := pg.Conn().PgConn().CustomData()
	_, marked := marks[notReplicated]
	delete(marks, notReplicated)
	return marked
}

// noteWarning marks the connection of the warning that a commit does not wait any longer
// for a standby. The warning has no code of its own, and its text may be translated, so it
// is recognised by the function of the server that sends it.
func noteWarning(c *pgconn.PgConn, n *pgconn.Notice) {
	if n.Routine == "SyncRepWaitForLSN" {
		c.CustomData()[notReplicated] = true
	}
}

// rows are the rows of a statement. Closing them frees the connection.
type rows struct {
	sqldriver.Rows
	conn   *conn
	ctx    context.Context
	cancel context.CancelFunc
	slot   *slot // nil: the statement is part of a transaction
}

// Next implements driver.Rows.
func (r *rows) Next(dest []sqldriver.Value) error {
	err := r.Rows.Next(dest)
	if err == nil || err == io.EOF {
		return err
	}
	return r.conn.failed(r.ctx, err)
}

// Close implements driver.Rows.
func (r *rows) Close() error {
	if r.slot != nil {
		defer r.slot.release()
	}
	defer r.cancel()
	return r.Rows.Close()
}
