package store

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// CheckEngine proves that PostgreSQL, and a pooler before it, do what the program builds on:
// prepared statements survive from one transaction to the next, the advisory locks exclude
// others, and a statement sees what was committed before it. The message of the error names
// the remedy.
func (s *Store) CheckEngine(ctx context.Context) (err error) {
	if s.Engine != dialect.Postgres {
		return nil
	}
	var conns [3]*stdsql.Conn
	for i := range conns {
		if conns[i], err = s.driver.long.Conn(ctx); err != nil {
			return classify(err)
		}
		defer func() { err = errors.Join(err, conns[i].Close()) }()
	}
	if err := checkSessions(ctx, conns[:]); err != nil {
		return err
	}
	var isolation string
	if err := conns[0].QueryRowContext(ctx, "SHOW default_transaction_isolation").Scan(&isolation); err != nil {
		return fmt.Errorf("read the isolation level: %w", err)
	}
	if isolation != "read committed" {
		return fault.New(fault.BadUserInput, "the isolation level of the database is %q, and must be \"read committed\": ALTER ROLE … RESET default_transaction_isolation", isolation)
	}
	return s.checkLock(ctx, conns[0], conns[1])
}

// checkSessions executes one statement in transactions of several connections, some of them
// at the same time. A pooler that gives each transaction another session of the server does
// not know there what was prepared in the first, unless it keeps account of that.
func checkSessions(ctx context.Context, conns []*stdsql.Conn) error {
	const statement = "SELECT $1::int + 1 AS tonggao_probe"
	var n int
	for round := range conns {
		var open []*stdsql.Tx
		for i := range conns {
			t, err := conns[(i+round)%len(conns)].BeginTx(ctx, nil)
			if err == nil {
				open = append(open, t)
				err = t.QueryRowContext(ctx, statement, round).Scan(&n)
			}
			if err != nil || n != round+1 {
				for _, t := range open {
					_ = t.Rollback()
				}
				return fmt.Errorf("execute a statement that another transaction has prepared: %w", classify(err))
			}
			if i == 0 && t.Rollback() == nil { // its session is free for the next connection
				open = nil
			}
		}
		for _, t := range open {
			_ = t.Rollback() // of nothing
		}
	}
	return nil
}

// checkLock takes a lock on one connection, and must not get it on another.
func (s *Store) checkLock(ctx context.Context, one, other *stdsql.Conn) error {
	holder, err := one.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin a transaction that locks: %w", err)
	}
	defer func() { _ = holder.Rollback() }() // of nothing
	if _, err := holder.ExecContext(ctx, "SELECT pg_advisory_xact_lock(pg_backend_pid(), 1)"); err != nil {
		return fmt.Errorf("take an advisory lock: %w", err)
	}
	var pid int
	if err := holder.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&pid); err != nil {
		return fmt.Errorf("read the number of a session: %w", err)
	}
	var got bool
	if err := other.QueryRowContext(ctx, "SELECT pg_try_advisory_xact_lock($1, 1)", pid).Scan(&got); err != nil {
		return fmt.Errorf("try an advisory lock: %w", err)
	}
	if got {
		return fault.New(fault.BadUserInput, "an advisory lock of the database does not exclude another session: what stands before it is not one PostgreSQL server; connect to the primary itself")
	}
	return nil
}

// CheckTimeouts returns an error that names the timeouts that are off: without them a
// client that is frozen holds its locks for ever.
func (s *Store) CheckTimeouts(ctx context.Context) error {
	if s.Engine != dialect.Postgres {
		return nil
	}
	var off []string
	for name, value := range parameters {
		var current string
		if err := s.driver.read.QueryRowContext(ctx, "SELECT current_setting($1)", name).Scan(&current); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		if strings.HasSuffix(name, "_timeout") && name != "tcp_user_timeout" && current == "0" {
			off = append(off, fmt.Sprintf("ALTER ROLE CURRENT_USER SET %s = '%s';", name, value))
		}
	}
	if len(off) == 0 {
		return nil
	}
	slices.Sort(off)
	return fault.New(fault.Unavailable, "a pooler keeps the program from setting timeouts, so set them for its user: %s", strings.Join(off, " "))
}
