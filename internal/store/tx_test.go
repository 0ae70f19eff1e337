package store_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/region"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/idempotency"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

var system = viewer.AsSystem(context.Background())

// createRegion creates a region in a transaction of its own, once under a key.
func createRegion(s *store.Store, slug string, key *string) (id string, err error) {
	now := s.Clock()
	w := idempotency.Write{Operation: "createRegion", Key: key, Input: slug, ID: typeid.New(typeid.Region, now), At: now}
	row, err := store.Load(system, s, func(ctx context.Context, c *ent.Client) (*ent.Region, error) {
		return idempotency.Once(ctx, c, w, func() (*ent.Region, error) {
			return c.Region.Create().SetID(w.ID).SetSlug(slug).SetName(slug).SetCreatedAt(now).SetUpdatedAt(now).Save(ctx)
		}, c.Region.Get)
	})
	if err != nil {
		return "", err
	}
	return row.ID, nil
}

// TestTxRetries lets two transactions write the same rows in opposite order: PostgreSQL
// aborts one of them, and both succeed.
func TestTxRetries(t *testing.T) {
	t.Parallel()
	s, ok := storetest.Postgres(t)
	if !ok {
		return // SQLite has one writer
	}
	var ids [2]string
	for i, slug := range []string{"qingluo", "baisha"} {
		id, err := createRegion(s.Store, slug, nil)
		check.NoError(t, err)
		ids[i] = id
	}
	var attempts atomic.Int32
	locked, proceed := make(chan struct{}, 2), make(chan struct{})
	results := make(chan error, 2)
	for _, order := range [][2]string{{ids[0], ids[1]}, {ids[1], ids[0]}} {
		go func() {
			results <- s.Tx(system, func(ctx context.Context, c *ent.Client) error {
				first := attempts.Add(1) <= 2
				if err := c.Region.UpdateOneID(order[0]).AddPosition(1).Exec(ctx); err != nil {
					return err
				}
				if first {
					locked <- struct{}{}
					<-proceed
				}
				return c.Region.UpdateOneID(order[1]).AddPosition(1).Exec(ctx)
			})
		}()
	}
	<-locked
	<-locked
	close(proceed)
	check.Equal(t, "the results", errors.Join(<-results, <-results), error(nil))
	check.Equal(t, "attempts", attempts.Load(), 3)
	sum := s.Client(system).Region.Query().Aggregate(ent.Sum(region.FieldPosition)).IntX(system)
	check.Equal(t, "what was written, once each", sum, 4)
}

// TestTxDoesNotRetry asserts that no other error runs a transaction again, and that a
// deadlock that always returns is a CONFLICT.
func TestTxDoesNotRetry(t *testing.T) {
	t.Parallel()
	s, ok := storetest.Postgres(t)
	if !ok {
		return
	}
	for state, want := range map[string]struct {
		attempts int
		code     fault.Code
	}{"40001": {4, fault.Conflict}, "40P01": {4, fault.Conflict}, "23505": {1, fault.Internal}, "P0001": {1, fault.Internal}} {
		attempts := 0
		err := s.Tx(system, func(ctx context.Context, c *ent.Client) error {
			attempts++
			_, err := c.ExecContext(ctx, "DO $$ BEGIN RAISE EXCEPTION 'a test' USING ERRCODE = '"+state+"'; END $$")
			return err
		})
		check.Equal(t, state, []any{attempts, fault.CodeOf(err)}, []any{want.attempts, want.code})
	}
}

// TestCommitRefused asserts that a commit that the database refuses is not of unknown
// outcome.
func TestCommitRefused(t *testing.T) {
	t.Parallel()
	s, ok := storetest.Postgres(t)
	if !ok {
		return
	}
	ctx, cancel := context.WithCancel(system)
	err := s.Tx(ctx, func(context.Context, *ent.Client) error { cancel(); return nil })
	check.Equal(t, "a client that left before the commit", check.Problems(err), "UNAVAILABLE")
	err = s.Tx(system, func(ctx context.Context, c *ent.Client) error {
		for _, statement := range []string{
			"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a test'; END $$",
			"CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON regions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()",
			"INSERT INTO regions (id, slug, name, position, created_at, updated_at) VALUES ('reg_1', 'a', 'a', 0, 0, 0)",
		} {
			if _, err := c.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
	check.Equal(t, "a deferred constraint", check.Problems(err), "UNAVAILABLE")
}

// TestCommitAnswerLost cuts the connection after the server received a COMMIT: the row was
// written, the error says that it may have been, and a retry with the same key returns it.
func TestCommitAnswerLost(t *testing.T) {
	t.Parallel()
	dsn, ok := storetest.PostgresDatabase(t)
	if !ok {
		return
	}
	direct := storetest.Open(t, dsn)
	through, cut := lossy(t, dsn)
	s := storetest.Open(t, through)
	cut.Store(true)
	key := "0b7c2f6e-commit-answer-lost"
	_, err := createRegion(s.Store, "qingluo", &key)
	check.Equal(t, "the code", check.Problems(err), "OUTCOME_UNKNOWN")
	if err == nil || !strings.Contains(err.Error(), "may have been written") || !strings.Contains(err.Error(), "idempotencyKey") {
		t.Errorf("the message does not say what to do: %v", err)
	}
	cut.Store(false)
	first, err := createRegion(s.Store, "qingluo", &key)
	check.NoError(t, err)
	again, err := createRegion(direct.Store, "qingluo", &key)
	check.NoError(t, err)
	check.Equal(t, "the regions", direct.Client(system).Region.Query().IDsX(system), []string{first})
	check.Equal(t, "the id of a retry", again, first)
}

// lossy returns the address of a proxy to the server of dsn. While cut is true, it ends
// each connection on which it has forwarded a COMMIT, and so loses the answer.
func lossy(t *testing.T, dsn string) (through string, cut *atomic.Bool) {
	t.Helper()
	u, err := url.Parse(dsn)
	check.NoError(t, err)
	network, address := "tcp", u.Host
	if folder := u.Query().Get("host"); strings.HasPrefix(folder, "/") {
		port := u.Query().Get("port")
		if port == "" {
			port = "5432"
		}
		network, address = "unix", folder+"/.s.PGSQL."+port
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	cut = new(atomic.Bool)
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial(network, address)
			if err != nil {
				_ = client.Close()
				continue
			}
			go forward(client, server, cut)
		}
	}()
	u.Host, u.RawQuery = listener.Addr().String(), "sslmode=disable"
	return u.String(), cut
}

// forward connects a client and a server until one of them closes its connection.
func forward(client, server net.Conn, cut *atomic.Bool) {
	defer client.Close()
	var committed atomic.Bool
	go func() {
		defer server.Close()
		buffer := make([]byte, 1<<16)
		for {
			n, err := client.Read(buffer)
			if err != nil {
				return
			}
			if cut.Load() && bytes.Contains(buffer[:n], []byte("commit\x00")) {
				committed.Store(true)
			}
			if _, err := server.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	buffer := make([]byte, 1<<16)
	for {
		n, err := server.Read(buffer)
		if err != nil || committed.Load() {
			return
		}
		if _, err := client.Write(buffer[:n]); err != nil {
			return
		}
	}
}
