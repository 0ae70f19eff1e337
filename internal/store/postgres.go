package store

import (
	"cmp"
	"context"
	stdsql "database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/retry"
)

// Pools of connections to PostgreSQL. Readers and writers have their own, so that writers
// that wait for a lock leave the readers alone. Long work has one whose server ends no
// statement.
const (
	postgresReaders = 12
	postgresWriters = 8
	postgresLong    = 4
	connectionLife  = 30 * time.Minute
)

// parameters are the settings of each connection. They free the locks of a client that is
// frozen or cut off, within seconds; what the client itself waits for has a deadline of its
// own (see conn). PostgreSQL must not compile statements (jit), which takes up to a second
// for one that runs a millisecond: it decides by estimates, and for a recursive statement
// it estimates thousands of rows where there are three.
var parameters = map[string]string{
	"application_name":                    "tonggao",
	"jit":                                 "off",
	"statement_timeout":                   "25s",
	"lock_timeout":                        "3s",
	"idle_in_transaction_session_timeout": "5s",
	"tcp_user_timeout":                    "10s",
}

// longParameters are those of long work that differ.
var longParameters = map[string]string{
	"statement_timeout":                   "0",
	"lock_timeout":                        "30s",
	"idle_in_transaction_session_timeout": "60s",
}

// onlyReading makes the server refuse writes.
var onlyReading = map[string]string{"default_transaction_read_only": "on"}

func (d *driver) openPostgres(ctx context.Context, o Options) error {
	config, err := parseAddress(o.URL)
	if err != nil {
		return fault.Wrap(err, fault.BadUserInput, "the address of the database cannot be read; it looks like postgres://USER@HOST:5432/NAME")
	}
	config.DialFunc = dialer(config.ConnectTimeout).DialContext
	config.OnNotice = noteWarning
	line := &line{turn: make(chan struct{}, 1)}
	open := func(size int, parameters ...map[string]string) *pool {
		if o.ReadOnly {
			parameters = append(parameters, onlyReading)
		}
		return openPostgresPool(withParameters(config, parameters...), line, size, o.Limits)
	}
	d.read, d.write, d.long = open(postgresReaders, parameters), open(postgresWriters, parameters), open(postgresLong, parameters, longParameters)
	d.long.SetConnMaxIdleTime(time.Minute)
	d.sequence = stdsql.OpenDB(&dialed{stdlib.GetConnector(withParameters(config, parameters)), line}) // their rounds have deadlines of their own
	d.sequence.SetMaxOpenConns(2)
	d.sequence.SetMaxIdleConns(2)
	d.sequence.SetConnMaxLifetime(connectionLife)
	if err := d.openStandbys(config, line, o); err != nil {
		return err
	}
	if err := d.read.PingContext(ctx); err != nil {
		if pg := new(pgconn.PgError); errors.As(err, &pg) && refusesParameters(pg) {
			return fault.Wrap(err, fault.BadUserInput, poolerRemedy)
		}
		return fault.Wrap(err, fault.Unavailable, "the PostgreSQL server does not answer; check the address, the password and that the database exists")
	}
	return nil
}

// openStandbys opens the standbys that are named.
func (d *driver) openStandbys(primary *pgx.ConnConfig, line *line, o Options) error {
	if len(o.Standbys) == 0 {
		return nil
	}
	d.standbys = &standbys{maxLag: cmp.Or(o.MaxLag, defaultMaxLag),
		primary: stdsql.OpenDB(&dialed{stdlib.GetConnector(withParameters(primary, parameters)), line})}
	d.standbys.primary.SetMaxOpenConns(1)
	d.standbys.primary.SetConnMaxLifetime(connectionLife)
	for _, address := range o.Standbys {
		one, err := d.openStandby(address, o)
		if err != nil {
			return err
		}
		d.standbys.all = append(d.standbys.all, one)
	}
	return nil
}

// parseAddress parses the address of a database.
func parseAddress(address string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(address)
	if err == nil && config.ConnectTimeout == 0 {
		config.ConnectTimeout = 3 * time.Second
	}
	return config, err
}

// withParameters returns config with settings of its connections, except for those that the
// address has. A pooler takes none.
func withParameters(config *pgx.ConnConfig, parameters ...map[string]string) pgx.ConnConfig {
	c := config.Copy()
	for _, set := range parameters {
		for name, value := range set {
			if _, given := config.RuntimeParams[name]; !given && !isPooled(config) {
				c.RuntimeParams[name] = value
			}
		}
	}
	return *c
}

// openPostgresPool returns a pool of connections to PostgreSQL.
func openPostgresPool(config pgx.ConnConfig, line *line, size int, limits Limits) *pool {
	var p *pool
	p = openPool(&dialed{stdlib.GetConnector(config, stdlib.OptionShouldPing(func(_ context.Context, idle stdlib.ShouldPingParams) bool {
		return idle.IdleDuration > time.Second || p.isSuspect()
	})), line}, size, size, limits)
	p.SetConnMaxLifetime(connectionLife)
	return p
}

// isPooled reports whether the address says that a connection pooler in transaction mode
// stands before the server: the way to execute statements is one that prepares none. Such a
// pooler refuses parameters, and a session's settings would be lost; docs/operations.md
// says how to set them for the role.
func isPooled(config *pgx.ConnConfig) bool {
	switch config.DefaultQueryExecMode {
	case pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol, pgx.QueryExecModeCacheDescribe:
		return true
	}
	return false
}

// dialer returns a dialer whose connections end when the peer does not acknowledge what was
// sent, or is silent while they are idle.
func dialer(timeout time.Duration) *net.Dialer {
	return &net.Dialer{
		Timeout:         timeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: time.Second, Count: 3},
		Control:         limitUnacknowledged,
	}
}

// unacknowledged is how long data may be unacknowledged before a connection ends.
const unacknowledged = 5 * time.Second

// dialed connects one at a time. While the server is away, one connection is tried, with a
// backoff, and everything that needs one fails at once: many that dial at the same time
// would keep each other from being served when it is back.
type dialed struct {
	sqldriver.Connector
	line *line
}

// line is the state of dialling, which all pools of a database share.
type line struct {
	turn chan struct{} // holds the one that dials

	mu       sync.Mutex
	failures int
	next     time.Time // when the server is tried again
	err      error     // of the last failure
}

// Backoff of dialling.
const (
	firstDelay = 100 * time.Millisecond
	maxDelay   = 500 * time.Millisecond
	turnTime   = 5 * time.Second // the longest wait for the turn
)

// Connect implements driver.Connector.
func (d *dialed) Connect(ctx context.Context) (sqldriver.Conn, error) {
	waiting, cancel := context.WithTimeout(ctx, turnTime)
	defer cancel()
	select {
	case d.line.turn <- struct{}{}:
		defer func() { <-d.line.turn }()
	case <-waiting.Done():
		return nil, waiting.Err()
	}
	if err := d.line.closed(); err != nil {
		return nil, err
	}
	made, err := d.Connector.Connect(ctx)
	if err == nil || ctx.Err() == nil {
		d.line.record(err)
	}
	return made, err
}

// closed returns the last failure while the backoff lasts.
func (l *line) closed() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Now().Before(l.next) {
		return l.err
	}
	return nil
}

// record stores the result of dialling.
func (l *line) record(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		l.failures, l.next = 0, time.Time{}
		return
	}
	l.failures++
	l.next, l.err = time.Now().Add(retry.Exponential(l.failures, firstDelay, maxDelay, rand.Float64())), err
}
