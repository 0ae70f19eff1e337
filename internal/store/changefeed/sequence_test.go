package changefeed_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// Wrong ways to number changes, which the test must find wrong.
const (
	// reversed numbers the rows of a round from the last to the first.
	reversed = `CREATE OR REPLACE FUNCTION number_changes(most integer) RETURNS integer LANGUAGE plpgsql AS $$
		DECLARE head bigint; n integer;
		BEGIN
			SELECT last INTO head FROM change_head FOR UPDATE;
			UPDATE changes AS c SET position = u.position FROM (SELECT seq, head + row_number() OVER (ORDER BY seq DESC) AS position
				FROM changes WHERE position IS NULL) AS u WHERE c.seq = u.seq;
			GET DIAGNOSTICS n = ROW_COUNT;
			UPDATE change_head SET last = head + n;
			RETURN 0;
		END $$`
	// together takes the lock and numbers in one statement, whose snapshot is older than the lock.
	together = `CREATE OR REPLACE FUNCTION number_changes(most integer) RETURNS integer LANGUAGE plpgsql AS $$
		DECLARE n integer;
		BEGIN
			WITH head AS (SELECT last FROM change_head FOR UPDATE), numbered AS (
				UPDATE changes AS c SET position = u.position FROM (SELECT seq, last + row_number() OVER (ORDER BY seq) AS position
					FROM changes, head WHERE position IS NULL) AS u WHERE c.seq = u.seq RETURNING 1)
			SELECT count(*) INTO n FROM numbered;
			UPDATE change_head SET last = last + n;
			RETURN 0;
		END $$`
)

// TestNothingIsSteppedOver writes through three replicas on PostgreSQL to items that the
// writers share, with delays within their transactions, next to a transaction that stays open.
// Sessions are killed, those of the sequencers most, and one freezes while it holds their
// lock. Readers on each replica see every version of every item once and in order.
// TONGGAO_TEST_EFFORT multiplies the number of changes.
func TestNothingIsSteppedOver(t *testing.T) {
	t.Parallel()
	first, ok := storetest.Postgres(t)
	if !ok {
		return
	}
	h := newHistory(t, first)
	h.run(effort.N(40), true)
	for _, problem := range h.problems {
		t.Error(problem)
	}
	if h.bySeq.seen >= h.total() {
		t.Error("a reader by seq missed nothing, so this test proves nothing")
	}
	t.Logf("%d changes, %d commits were not acknowledged; a reader by seq missed %d", h.total(), h.unknown.Load(), h.total()-h.bySeq.seen)
}

// TestWrongNumberingIsFound runs the same with functions that number wrongly. Whether a reader
// looks at the wrong moment is chance, so there are several attempts.
func TestWrongNumberingIsFound(t *testing.T) {
	t.Parallel()
	for name, function := range map[string]string{"reversed": reversed, "together": together} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 10 {
				first, ok := storetest.Postgres(t)
				if !ok {
					return
				}
				_, err := first.Client(system).ExecContext(system, function)
				must(t, err)
				h := newHistory(t, first)
				h.run(40, false)
				if len(h.problems) > 0 {
					t.Logf("%d problems", len(h.problems))
					return
				}
			}
			t.Error("no reader noticed")
		})
	}
}

// historyItems is how many items the writers of a history share.
const historyItems = 12

// history is what three replicas write and their readers see.
type history struct {
	t        *testing.T
	replicas []*storetest.Store
	direct   *sql.DB
	written  atomic.Bool
	unknown  atomic.Int64 // commits that failed, or whose outcome is unknown
	bySeq    overtaken

	mu       sync.Mutex
	problems []string
}

func newHistory(t *testing.T, first *storetest.Store) *history {
	t.Helper()
	h := &history{t: t, replicas: []*storetest.Store{first, storetest.Open(t, first.URL), storetest.Open(t, first.URL)}}
	var err error
	h.direct, err = sql.Open("pgx", first.URL)
	must(t, err)
	t.Cleanup(func() { must(t, h.direct.Close()) })
	for i := range historyItems {
		_, err := h.direct.ExecContext(system, "INSERT INTO regions (id, slug, name, position, created_at, updated_at) VALUES ($1, $1, '临澜市', 0, 0, 0)", itemName(i))
		must(t, err)
	}
	return h
}

func itemName(i int) string { return fmt.Sprintf("reg_%d", i) }

// run writes n changes from each of twelve writers, and reads until the log has ended.
func (h *history) run(n int, faults bool) {
	var writing, reading, disturbing sync.WaitGroup
	ctx, stop := context.WithCancel(system)
	for w := range 12 {
		writing.Go(func() { h.write(h.replicas[w%3], uint64(w), n) })
	}
	for _, s := range h.replicas {
		reading.Go(func() { h.read(changefeed.New(s.Store)) })
	}
	const bySeq = "SELECT seq FROM changes WHERE seq > $1 ORDER BY seq"
	disturbing.Go(func() { h.bySeq.watch(ctx, h.t, h.direct, bySeq) })
	if faults {
		disturbing.Go(func() { h.kill(ctx) })
		disturbing.Go(func() { h.freeze(ctx) })
	}
	writing.Wait()
	stop()
	disturbing.Wait()
	h.bySeq.look(h.t, h.direct, bySeq)
	h.written.Store(true)
	reading.Wait()
}

// write changes shared items in transactions of random length.
func (h *history) write(s *storetest.Store, writer uint64, n int) {
	random := rand.New(rand.NewPCG(writer, 7))
	log := changefeed.New(s.Store)
	delay := func(ctx context.Context, c *ent.Client) error {
		_, err := c.ExecContext(ctx, "SELECT pg_sleep($1)", float64(random.IntN(4))/1000)
		return err
	}
	for done := 0; done < n; {
		id := itemName(random.IntN(historyItems))
		err := s.Tx(system, func(ctx context.Context, c *ent.Client) error {
			if _, err := c.ExecContext(ctx, "SELECT txid_current()"); err != nil { // an early transaction id
				return err
			}
			rows, err := c.QueryContext(ctx, "UPDATE regions SET position = position + 1 WHERE id = $1 RETURNING position", id)
			if err != nil {
				return err
			}
			version, err := entsql.ScanInt(rows)
			if err != nil {
				return err
			}
			if err := delay(ctx, c); err != nil {
				return err
			}
			if err := log.Append(ctx, c, changefeed.Entry{Kind: changefeed.Updated, Type: "Region", ID: id, Version: version, Item: changefeed.RegionItem{Name: "临澜市"}}); err != nil {
				return err
			}
			return delay(ctx, c)
		})
		if err != nil {
			h.unknown.Add(1)
			continue
		}
		done++
	}
}

// read follows the log and checks what it sees, until the writers are done and the log ends.
func (h *history) read(log *changefeed.Log) {
	var at changefeed.Cursor
	seen := map[string]int{}
	for {
		done := h.written.Load()
		page, err := log.Page(system, at, 100, changefeed.Filter{})
		if err != nil { // the session was killed
			continue
		}
		for _, e := range page.Edges {
			if e.Node.Version != seen[e.Node.ItemID]+1 || e.Node.Position != at.Position+1 {
				h.problem("position %d after %d: version %d of %s after %d", e.Node.Position, at.Position, e.Node.Version, e.Node.ItemID, seen[e.Node.ItemID])
			}
			seen[e.Node.ItemID], at = e.Node.Version, e.At
		}
		if len(page.Edges) == 0 && done {
			break
		}
	}
	for i := range historyItems {
		var version int
		must(h.t, h.direct.QueryRowContext(system, "SELECT position FROM regions WHERE id = $1", itemName(i)).Scan(&version))
		if seen[itemName(i)] != version {
			h.problem("%s has the version %d; a reader came to %d", itemName(i), version, seen[itemName(i)])
		}
	}
}

func (h *history) problem(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.problems = append(h.problems, fmt.Sprintf(format, args...))
}

// total returns the number of changes that were committed.
func (h *history) total() (n int) {
	must(h.t, h.direct.QueryRowContext(system, "SELECT count(*) FROM changes").Scan(&n))
	return n
}

// kill ends sessions: each second time that of a sequencer.
func (h *history) kill(ctx context.Context) {
	ticker := time.NewTicker(15 * time.Millisecond)
	defer ticker.Stop()
	for i := 0; ctx.Err() == nil; i++ {
		which := "query LIKE '%INSERT%'"
		if i%2 == 0 {
			which = "query LIKE '%number_changes%'"
		}
		_, err := h.direct.ExecContext(system, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND "+which+" ORDER BY random() LIMIT 1")
		must(h.t, err)
		<-ticker.C
	}
}

// freeze holds a transaction open that has an id; and the lock of the sequencers, in a session
// that does nothing more until the server ends it.
func (h *history) freeze(ctx context.Context) {
	idle, err := h.direct.BeginTx(system, nil)
	must(h.t, err)
	defer func() { _ = idle.Rollback() }()
	_, err = idle.ExecContext(system, "SELECT txid_current()")
	must(h.t, err)
	for ctx.Err() == nil {
		holder, err := h.direct.BeginTx(system, nil)
		must(h.t, err)
		_, err = holder.ExecContext(system, "SELECT last FROM change_head FOR UPDATE")
		must(h.t, err)
		_, err = holder.ExecContext(system, "SET LOCAL idle_in_transaction_session_timeout = 200")
		must(h.t, err)
		select { // the server ends the session in this time
		case <-time.After(300 * time.Millisecond):
		case <-ctx.Done():
		}
		_ = holder.Rollback()
	}
}
