package store

import (
	"context"
	stdsql "database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// An outage is why the database cannot do now what it is asked for, in words for users.
type outage struct {
	state   string // an SQLSTATE of PostgreSQL, or its first characters, which are a class
	message string
	retry   time.Duration
}

const (
	soon  = time.Second
	later = 5 * time.Second
)

const (
	unreachable  = "the database cannot be reached right now; try again in a moment"
	restarting   = "the database is restarting or shutting down; try again in a moment"
	tooSlow      = "the database did not answer in time; try again in a moment"
	locked       = "the database is busy: others are writing the same; try again in a moment"
	overloaded   = "the database is overloaded; try again in a moment"
	diskFull     = "the disk of the database is full: nothing can be written until the operator frees space"
	readOnly     = "the database is read-only: it is a standby, or its operator made it so; nothing can be written"
	broken       = "the disk of the database fails; the operator must look at its log"
	damaged      = "the database is damaged; the operator must bring back a backup with `tonggao restore FILE`"
	concurrent   = "others changed the same at this moment; try again"
	refused      = "the database refuses the connection; the operator must check its address, its name, the user and the password"
	poolerRemedy = "a connection pooler in transaction mode stands before the database: the operator must add default_query_exec_mode=exec to its address"
)

// outages is the table from SQLSTATE to what users read; the first match holds. Violated
// constraints (class 23) are not in it: the services decide about those. Tx makes a CONFLICT
// of class 40 where trying again did not help. Everything else is a defect of the program.
var outages = []outage{
	{"08", unreachable, soon},      // connection exception; a pooler without a server
	{"25006", readOnly, later},     // write in a read-only transaction
	{"25P03", tooSlow, soon},       // idle in transaction for too long
	{"26000", poolerRemedy, later}, // a prepared statement that does not exist
	{"28", refused, later},         // invalid authorization
	{"3D000", refused, later},      // a database that does not exist
	{"40", concurrent, soon},       // a transaction was aborted; on a standby also a read
	{"42P05", poolerRemedy, later}, // a prepared statement that exists already
	{"53100", diskFull, later},
	{"53", overloaded, soon}, // insufficient resources
	{"55P03", locked, soon},  // lock_timeout
	{"57014", tooSlow, soon}, // statement_timeout, or cancelled by the operator
	{"57P", restarting, soon},
	{"58", broken, later}, // system error
	{"XX001", damaged, later},
	{"XX002", damaged, later},
}

// liteOutages is the same for SQLite.
var liteOutages = map[sqlite3.ErrNo]outage{
	sqlite3.ErrBusy:     {message: locked, retry: soon},
	sqlite3.ErrLocked:   {message: locked, retry: soon},
	sqlite3.ErrFull:     {message: diskFull, retry: later},
	sqlite3.ErrReadonly: {message: readOnly, retry: later},
	sqlite3.ErrIoErr:    {message: broken, retry: later},
	sqlite3.ErrCantOpen: {message: broken, retry: later},
	sqlite3.ErrCorrupt:  {message: damaged, retry: later},
	sqlite3.ErrNotADB:   {message: damaged, retry: later},
}

// classify returns err with the code UNAVAILABLE and the time to try again, if the database
// cannot do now what it is asked for. It returns other errors as they are, also that the
// client has gone. It is the only place that decides this; see pool and conn.
func classify(err error) error {
	var coded *fault.Error
	if err == nil || errors.As(err, &coded) || errors.Is(err, context.Canceled) {
		return err
	}
	if o, ok := outageOf(err); ok {
		return &fault.Error{Code: fault.Unavailable, Message: o.message, Cause: err, Retry: o.retry}
	}
	return err
}

func outageOf(err error) (outage, bool) {
	var pg *pgconn.PgError
	var lite sqlite3.Error
	var network net.Error
	switch {
	case errors.As(err, &pg):
		if refusesParameters(pg) {
			return outage{message: poolerRemedy, retry: later}, true
		}
		for _, o := range outages {
			if strings.HasPrefix(pg.Code, o.state) {
				return o, true
			}
		}
		return outage{}, false
	case errors.As(err, &lite):
		o, ok := liteOutages[lite.Code]
		return o, ok
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, stdsql.ErrTxDone):
		return outage{message: tooSlow, retry: soon}, true
	case errors.As(err, &network), errors.As(err, new(*pgconn.ConnectError)), pgconn.SafeToRetry(err),
		errors.Is(err, sqldriver.ErrBadConn), errors.Is(err, stdsql.ErrConnDone), errors.Is(err, pgx.ErrTxClosed),
		errors.Is(err, net.ErrClosed), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return outage{message: unreachable, retry: soon}, true
	}
	return outage{}, false
}

// refusesParameters reports whether err is from PgBouncer, which does not know a parameter
// that we set. It has one SQLSTATE for this and for everything else, such as that it cannot
// reach its server.
func refusesParameters(err *pgconn.PgError) bool {
	return err.Code == "08P01" && strings.Contains(err.Message, "startup parameter")
}

// lost returns err as the error of a connection that ended.
func lost(err error) error {
	if classified := classify(err); fault.Is(classified, fault.Unavailable) {
		return classified
	}
	return &fault.Error{Code: fault.Unavailable, Message: unreachable, Cause: err, Retry: soon}
}
