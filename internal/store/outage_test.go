package store_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/testkit/faultproxy"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// short are limits that a test can wait for.
var short = store.Limits{Pool: 200 * time.Millisecond, Request: 500 * time.Millisecond, Background: time.Second}

// behindProxy opens a store on a new PostgreSQL database, through a proxy.
func behindProxy(t *testing.T, limits store.Limits, parameters string) (*store.Store, *faultproxy.Proxy, bool) {
	t.Helper()
	direct, ok := storetest.Postgres(t)
	if !ok {
		return nil, nil, false
	}
	proxy := faultproxy.New(t, direct.URL)
	s, err := store.Open(t.Context(), store.Options{URL: proxy.URL + parameters, Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // an error says only that a test left a connection broken
	return s, proxy, true
}

func read(s *store.Store) error {
	ctx := viewer.AsSystem(context.Background())
	_, err := s.Client(ctx).Region.Query().Count(ctx)
	return err
}

func write(s *store.Store) error {
	ctx := viewer.AsSystem(context.Background())
	return s.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		return c.Region.Update().SetName("青螺县").Exec(ctx)
	})
}

// within calls do until it returns no error, for at most limit.
func within(t *testing.T, limit time.Duration, what string, do func() error) {
	t.Helper()
	end := time.Now().Add(limit)
	for {
		err := do()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: %v", what, err)
		}
	}
}

// isOutage reports whether err is UNAVAILABLE with the time to try again.
func isOutage(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && f.Code == fault.Unavailable && f.Retry > 0
}

// TestOutages answers statements with each SQLSTATE, and compares the code of the error.
func TestOutages(t *testing.T) {
	t.Parallel()
	s, proxy, ok := behindProxy(t, store.Limits{}, "")
	if !ok {
		return
	}
	for _, test := range []struct {
		states string
		code   fault.Code
		words  string
	}{
		{"08000 08003 08006 08P01", fault.Unavailable, "cannot be reached"},
		{"26000 42P05", fault.Unavailable, "default_query_exec_mode=exec"},
		{"25006", fault.Unavailable, "read-only"},
		{"25P03 57014", fault.Unavailable, "did not answer in time"},
		{"28P01 28000 3D000", fault.Unavailable, "refuses the connection"},
		{"53100", fault.Unavailable, "disk of the database is full"},
		{"53200 53300 53400", fault.Unavailable, "overloaded"},
		{"55P03", fault.Unavailable, "busy"},
		{"57P01 57P02 57P03 57P05", fault.Unavailable, "restarting"},
		{"58030 58000", fault.Unavailable, "disk of the database fails"},
		{"XX001 XX002", fault.Unavailable, "damaged"},
		{"42601 42P01 22003 XX000", fault.Internal, "made by the test"},
	} {
		for state := range strings.FieldsSeq(test.states) {
			for name, do := range map[string]func(*store.Store) error{"read": read, "write": write} {
				if name == "write" && test.code == fault.Internal {
					continue // BEGIN has no such errors
				}
				within(t, 5*time.Second, "before "+state, func() error { return do(s) })
				proxy.Answer(state)
				err := do(s)
				proxy.Answer("")
				if fault.CodeOf(err) != test.code || !strings.Contains(err.Error(), test.words) {
					t.Errorf("%s, %s: %v", state, name, err)
				}
				if test.code == fault.Unavailable && !isOutage(err) {
					t.Errorf("%s, %s: without the time to try again", state, name)
				}
			}
		}
	}
}

// TestFrozenServer stops the traffic to the server: reads, statements of a transaction and
// a COMMIT end by their limits, and all works when it flows again.
func TestFrozenServer(t *testing.T) {
	t.Parallel()
	s, proxy, ok := behindProxy(t, short, "")
	if !ok {
		return
	}
	ctx := viewer.AsSystem(context.Background())
	proxy.Stall()
	begun := time.Now()
	var all sync.WaitGroup
	for _, do := range []func() error{
		func() error { return read(s) },
		func() error { return write(s) },
		func() error { return s.Ping(ctx) },
		func() error {
			_, err := s.Client(ctx).Region.Query().Count(store.Background(ctx))
			return err
		},
	} {
		for range 20 {
			all.Go(func() {
				if err := do(); !isOutage(err) {
					t.Errorf("a frozen server: %v", err)
				}
			})
		}
	}
	all.Wait()
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("eighty calls with limits of a second took %s", took)
	}
	proxy.Resume()
	within(t, 10*time.Second, "read after it", func() error { return read(s) })
	within(t, 10*time.Second, "write after it", func() error { return write(s) })

	err := s.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		if err := c.Region.Update().SetName("石埠县").Exec(ctx); err != nil {
			return err
		}
		proxy.Stall()
		return nil
	})
	if err == nil || fault.CodeOf(err) == fault.Internal {
		t.Errorf("a COMMIT to a frozen server: %v", err)
	}
	proxy.Resume()
	within(t, 10*time.Second, "write after that", func() error { return write(s) })
}

// TestClientGone lets the client of a request leave while its transaction runs: a COMMIT
// is not cut off by that.
func TestClientGone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		ctx := viewer.AsSystem(context.Background())
		for range 20 {
			leaves, leave := context.WithCancel(ctx)
			err := s.Tx(leaves, func(ctx context.Context, c *ent.Client) error {
				if err := c.Region.Update().SetName("青螺县").Exec(ctx); err != nil {
					return err
				}
				go leave()
				return nil
			})
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Fatalf("the client left: %v", err)
			}
		}
	})
}

// TestServerAway closes all connections and refuses new ones: while that lasts, one
// connection at a time is tried, and everything is back soon after it.
func TestServerAway(t *testing.T) {
	t.Parallel()
	s, proxy, ok := behindProxy(t, store.Limits{}, "")
	if !ok {
		return
	}
	proxy.Cut() // what was idle is replaced
	within(t, 5*time.Second, "after a cut", func() error { return errors.Join(read(s), write(s)) })

	proxy.Refuse()
	before := proxy.Dials()
	end := time.Now().Add(time.Second)
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			for time.Now().Before(end) {
				if err := read(s); !isOutage(err) {
					t.Errorf("no server: %v", err)
					return
				}
			}
		})
	}
	all.Wait()
	if n := proxy.Dials() - before; n > 20 {
		t.Errorf("%d connections were tried within a second", n)
	}
	proxy.Resume()
	within(t, 5*time.Second, "when it is back", func() error { return errors.Join(read(s), write(s)) })
}

// TestPools uses all connections of the writers: another write is refused soon, reads are answered.
func TestPools(t *testing.T) {
	t.Parallel()
	direct, ok := storetest.Postgres(t)
	if !ok {
		return
	}
	s, err := store.Open(t.Context(), store.Options{URL: direct.URL, Limits: store.Limits{Pool: 200 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := viewer.AsSystem(context.Background())
	free := make(chan struct{})
	var held, all sync.WaitGroup
	for range 8 {
		held.Add(1)
		all.Go(func() {
			err := s.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
				err := c.Region.Update().SetName("青螺县").Exec(ctx)
				held.Done()
				<-free
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	held.Wait()
	if err := write(s); !isOutage(err) || !strings.Contains(err.Error(), "all its connections are in use") {
		t.Errorf("a ninth writer: %v", err)
	}
	if err := read(s); err != nil {
		t.Errorf("a reader: %v", err)
	}
	close(free)
	all.Wait()
	if err := write(s); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestFrozenClient holds the log's lock in an idle transaction, as a frozen replica does:
// others get UNAVAILABLE, until PostgreSQL ends the transaction.
func TestFrozenClient(t *testing.T) {
	t.Parallel()
	s, _, ok := behindProxy(t, store.Limits{}, "&lock_timeout=100ms&idle_in_transaction_session_timeout=700ms")
	if !ok {
		return
	}
	ctx := viewer.AsSystem(context.Background())
	lock := func(ctx context.Context, c *ent.Client) error { return s.LockAdvisory(ctx, c, store.SiteLock) }
	locked, others := make(chan struct{}), make(chan struct{})
	frozen := make(chan error)
	go func() {
		frozen <- s.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
			err := lock(ctx, c)
			close(locked)
			<-others
			return err
		})
	}()
	<-locked
	if err := s.Tx(ctx, lock); !isOutage(err) || !strings.Contains(err.Error(), "busy") {
		t.Errorf("while the lock is held: %v", err)
	}
	within(t, 10*time.Second, "after the idle transaction was ended", func() error { return s.Tx(ctx, lock) })
	close(others)
	if err := <-frozen; err == nil || fault.CodeOf(err) == fault.Internal {
		t.Errorf("the transaction that was ended: %v", err)
	}
}

// TestParameters reads the settings of a connection for requests, and of one for long work.
func TestParameters(t *testing.T) {
	t.Parallel()
	s, ok := storetest.Postgres(t)
	if !ok {
		return
	}
	for name, want := range map[string][2]string{
		"statement_timeout": {"25s", "0"}, "lock_timeout": {"3s", "30s"}, "jit": {"off", "off"},
		"idle_in_transaction_session_timeout": {"5s", "1min"}, "application_name": {"tonggao", "tonggao"},
	} {
		for i, ctx := range []context.Context{context.Background(), store.LongWork(context.Background())} {
			err := s.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
				rows, err := c.QueryContext(ctx, "SELECT current_setting($1)", name)
				if err != nil {
					return err
				}
				defer rows.Close()
				var got string
				for rows.Next() {
					err = errors.Join(err, rows.Scan(&got))
				}
				if got != want[i] {
					t.Errorf("%s: %s instead of %s", name, got, want[i])
				}
				return errors.Join(err, rows.Err())
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestUnreplicatedCommit commits while the server warns that it does not wait for its
// standby: that is not a success.
func TestUnreplicatedCommit(t *testing.T) {
	t.Parallel()
	s, proxy, ok := behindProxy(t, store.Limits{}, "")
	if !ok {
		return
	}
	proxy.WarnOnCommit()
	if err := write(s); err == nil || !strings.Contains(err.Error(), "standby") {
		t.Errorf("committed without the standby: %v", err)
	}
}

// TestSlowTransaction exceeds the limit of its class on both engines: it is rolled back.
func TestSlowTransaction(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, direct *storetest.Store) {
		s, err := store.Open(t.Context(), store.Options{URL: direct.URL, Limits: short})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		ctx := viewer.AsSystem(context.Background())
		err = s.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
			for range 2 {
				if err := c.Region.Update().SetName("青螺县").Exec(ctx); err != nil {
					return err
				}
				<-time.After(2 * short.Request)
			}
			return nil
		})
		if !isOutage(err) || !strings.Contains(err.Error(), "longer than its limit of 500ms") {
			t.Errorf("a transaction of %s: %v", 2*short.Request, err)
		}
		if err := write(s); err != nil {
			t.Errorf("the next one: %v", err)
		}
	})
}
