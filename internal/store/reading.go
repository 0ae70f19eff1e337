package store

import (
	"context"
	stdsql "database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// reading is where the statements of a request read.
type reading struct {
	standby  atomic.Pointer[standby] // nil: the primary
	position int64                   // of the database when the request began
	atLeast  int64                   // what the client asked for
}

type readingKey struct{}

func readingOf(ctx context.Context) *reading {
	r, _ := ctx.Value(readingKey{}).(*reading)
	return r
}

// How long a request waits until a database has the position that it asks for. On a standby
// the primary answers then. The primary itself can come a moment later than its standby: it
// shows a commit only when it knows that the standby has it.
const (
	standbyWait = 100 * time.Millisecond
	primaryWait = 500 * time.Millisecond
	headPause   = 5 * time.Millisecond
	waitingLag  = time.Second // a standby further behind is not waited for
)

// Read returns a context in which all statements that only read, outside of transactions,
// go to one database, which has a position of the change log at least, and the position that
// it has. With anonymous it is a standby, where one is fit; what anonymous readers cannot
// see is read from the primary, which has it at once. If a standby fails, the primary
// answers that statement and all that follow.
func (s *Store) Read(ctx context.Context, atLeast int64, anonymous bool) (context.Context, int64, error) {
	r := &reading{atLeast: atLeast}
	if anonymous {
		if one := s.driver.standbys.next(atLeast); one != nil && (one.position.Load() >= atLeast || one.lag() < waitingLag) {
			position, err := await(ctx, one.head, atLeast, standbyWait)
			if err == nil && position >= atLeast {
				r.position = position
				r.standby.Store(one)
				return context.WithValue(ctx, readingKey{}, r), position, nil
			}
		}
	}
	position, err := await(ctx, func(ctx context.Context) (int64, error) { return readHead(ctx, s.driver.read) }, atLeast, primaryWait)
	if err != nil {
		return ctx, 0, err
	}
	if position < atLeast {
		return ctx, 0, fault.New(fault.BadUserInput, "the change log has come to %d, not to %d: the number is from another database, or this one was restored", position, atLeast)
	}
	r.position = position
	return context.WithValue(ctx, readingKey{}, r), position, nil
}

// await reads a position until it is high enough, at most for a time, and returns the last.
func await(ctx context.Context, read func(context.Context) (int64, error), atLeast int64, most time.Duration) (position int64, err error) {
	for start := time.Now(); ; {
		position, err = read(ctx)
		if err != nil || position >= atLeast || time.Since(start) >= most {
			return position, err
		}
		timer := time.NewTimer(headPause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return 0, classify(ctx.Err())
		}
	}
}

// Source names the database that ctx reads from; it is empty for the primary. Caches keep
// apart what they read from different ones.
func Source(ctx context.Context) string {
	if r := readingOf(ctx); r != nil {
		if one := r.standby.Load(); one != nil {
			return one.name
		}
	}
	return ""
}

// Positions returns the position that the database of ctx had when Read was called, and the
// one that was asked for.
func Positions(ctx context.Context) (had, atLeast int64) {
	if r := readingOf(ctx); r != nil {
		return r.position, r.atLeast
	}
	return 0, 0
}

// reader returns where a statement of ctx that only reads goes.
func (d *driver) reader(ctx context.Context) sql.ExecQuerier {
	primary := d.pool(ctx, d.read)
	if r := readingOf(ctx); r != nil && r.standby.Load() != nil {
		return &standbyReader{primary, r}
	}
	return primary
}

// standbyReader reads from a standby, and from the primary after the standby has failed.
type standbyReader struct {
	*pool
	reading *reading
}

// QueryContext runs a statement on the standby; if that fails, on the primary. Either has
// everything that the request has read before.
func (r *standbyReader) QueryContext(ctx context.Context, query string, args ...any) (*stdsql.Rows, error) {
	one := r.reading.standby.Load()
	if one == nil {
		return r.pool.QueryContext(ctx, query, args...)
	}
	rows, err := one.pool.QueryContext(ctx, query, args...)
	if err == nil || ctx.Err() != nil || !fault.Is(err, fault.Unavailable) && !errors.Is(err, context.Canceled) {
		return rows, err
	}
	one.fallbacks.Add(1)
	r.reading.standby.Store(nil)
	return r.pool.QueryContext(ctx, query, args...)
}

// whole are all rows of a statement. A standby may cancel a statement at any time, so its
// rows are read before the first is returned, and the statement can still be repeated.
type whole struct {
	columns []string
	values  [][]sqldriver.Value
}

// readWhole runs a statement on a standby and reads its rows.
func (c *conn) readWhole(ctx context.Context, query string, args []sqldriver.NamedValue) (sqldriver.Rows, error) {
	bounded, cancel := c.bound(ctx)
	defer cancel()
	bounded, end := c.pool.standby.during(bounded)
	defer end()
	found, err := c.engineConn.QueryContext(bounded, query, args)
	if err != nil {
		return nil, c.failed(bounded, err)
	}
	all := &whole{columns: found.Columns()}
	for err == nil {
		row := make([]sqldriver.Value, len(all.columns))
		if err = found.Next(row); err == nil {
			for i, value := range row {
				if bytes, ok := value.([]byte); ok {
					row[i] = slices.Clone(bytes) // it is valid until the next row
				}
			}
			all.values = append(all.values, row)
		}
	}
	if closing := found.Close(); err == io.EOF {
		err = closing
	}
	if err != nil {
		return nil, c.failed(bounded, err)
	}
	r := &rows{Rows: all, conn: c, ctx: ctx, cancel: func() {}}
	if s, ok := ctx.Value(slotKey{}).(*slot); ok {
		s.kept, r.slot = true, s
	}
	return r, nil
}

// Columns implements driver.Rows.
func (w *whole) Columns() []string { return w.columns }

// Close implements driver.Rows.
func (w *whole) Close() error { return nil }

// Next implements driver.Rows.
func (w *whole) Next(dest []sqldriver.Value) error {
	if len(w.values) == 0 {
		return io.EOF
	}
	copy(dest, w.values[0])
	w.values = w.values[1:]
	return nil
}
