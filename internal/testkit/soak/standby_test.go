package soak_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/faultproxy"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// fleet is three programs on one primary, which read from its standby through a proxy each.
type fleet struct {
	t        *testing.T
	token    string
	primary  string
	standby  string
	programs []*apptest.Program
	stores   []*storetest.Store
	proxies  []*faultproxy.Proxy
}

func startFleet(t *testing.T) (f fleet, ok bool) {
	f.t = t
	if f.primary, f.standby, ok = storetest.Replicated(t); !ok {
		return f, false
	}
	for range 3 {
		proxy := faultproxy.New(t, f.standby)
		s := storetest.Open(t, f.primary, proxy.URL)
		f.proxies, f.stores = append(f.proxies, proxy), append(f.stores, s)
		f.programs = append(f.programs, apptest.Start(t, s, apptest.WithBaseURL, func(c *config.Config) { c.CostLimit = 1 << 30 }))
	}
	f.token = f.programs[0].Token(viewer.Admin, "")
	for i := range f.stores {
		f.eventuallyReads(i, true)
	}
	return f, true
}

func (f fleet) eventuallyReads(i int, want bool) {
	f.t.Helper()
	check.Eventually(f.t, fmt.Sprintf("program %d reads from its standby: %t", i, want), func() bool { return f.stores[i].Standbys()[0].Reads == want })
}

// ask sends an operation to a program and returns the data and the position of the answer.
func (f fleet) ask(program int, token, query string, atLeast int64, data any) (position int64) {
	body, err := json.Marshal(map[string]any{"query": query})
	check.NoError(f.t, err)
	r, err := http.NewRequest(http.MethodPost, f.programs[program].URL+"/graphql", bytes.NewReader(body))
	check.NoError(f.t, err)
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if atLeast > 0 {
		r.Header.Set("X-Tonggao-At-Least", strconv.FormatInt(atLeast, 10))
	}
	answer, err := http.DefaultClient.Do(r)
	check.NoError(f.t, err)
	defer answer.Body.Close()
	var got struct {
		Data   json.RawMessage
		Errors []struct{ Message string }
	}
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil || len(got.Errors) > 0 {
		f.t.Errorf("%s: %v %v", query, err, got.Errors)
		return 0
	}
	check.NoError(f.t, json.Unmarshal(got.Data, data))
	position, err = strconv.ParseInt(answer.Header.Get("X-Tonggao-Position"), 10, 64)
	check.NoError(f.t, err)
	return position
}

// writer writes the name of one category again and again.
type writer struct {
	fleet
	id      string
	version int
	at      int64
}

type named struct {
	ID      string
	Name    string
	Version int
}

func (f fleet) writer(slug string) *writer {
	var made struct{ CreateCategory struct{ Category named } }
	at := f.ask(0, f.token, fmt.Sprintf(`mutation { createCategory(input: {name: "第0版", slug: %q}) { category { id version } } }`, slug), 0, &made)
	return &writer{f, made.CreateCategory.Category.ID, made.CreateCategory.Category.Version, at}
}

// write writes version n by a program, and remembers the position of that.
func (w *writer) write(program, n int) {
	var made struct{ UpdateCategory struct{ Category named } }
	w.at = w.ask(program, w.token, fmt.Sprintf(`mutation { updateCategory(id: %q, version: %d, input: {name: "第%d版"}) { category { version } userErrors { message } } }`, w.id, w.version, n), w.at, &made)
	w.version = made.UpdateCategory.Category.Version
}

// read returns the version that a program shows to anonymous readers.
func (w *writer) read(program int, atLeast int64) (n int, position int64) {
	var found struct{ Category named }
	position = w.ask(program, "", fmt.Sprintf(`{ category(id: %q) { name } }`, w.id), atLeast, &found)
	if _, err := fmt.Sscanf(found.Category.Name, "第%d版", &n); err != nil {
		w.t.Errorf("read %q", found.Category.Name)
	}
	return n, position
}

// TestReadsFollowWrites lets 16 clients write by one program and read, with the position of
// their write, by others: none reads what was before. The long form stops the replay of the
// standby from time to time.
func TestReadsFollowWrites(t *testing.T) {
	f, ok := startFleet(t)
	if !ok {
		return
	}
	const clients, readsPerWrite = 16, 5
	var reads, stale atomic.Int64
	before := f.counts()
	check.Together(clients, func(client int) error {
		w := f.writer(fmt.Sprintf("lanmu-%d", client))
		for n := range effort.N(4) {
			w.write(n%3, n+1)
			seen := w.at
			for i := range readsPerWrite {
				got, position := w.read((client+i)%3, seen)
				reads.Add(1)
				if got != n+1 {
					stale.Add(1)
					t.Errorf("client %d wrote %d at %d and reads %d at %d", client, n+1, w.at, got, position)
				}
				if position < seen {
					t.Errorf("an answer for at least %d is of %d", seen, position)
				}
				seen = position
			}
		}
		return nil
	})
	t.Logf("%d reads after their write, %d stale", reads.Load(), stale.Load())
	f.logShare(before, "of reads that follow a write at once")
	f.readWithoutPosition()
}

// readWithoutPosition reads while the replay is stopped: an answer is never older than the
// metric says.
func (f fleet) readWithoutPosition() {
	w := f.writer("zhihou")
	check.Eventually(f.t, "all programs show it", func() bool {
		for i := range 3 {
			if _, position := w.read(i, 0); position < w.at {
				return false
			}
		}
		return true
	})
	storetest.Execute(f.t, f.standby, "SELECT pg_wal_replay_pause()")
	defer storetest.Execute(f.t, f.standby, "SELECT pg_wal_replay_resume()")
	written := []time.Time{time.Now()}
	old := 0
	for begin := time.Now(); time.Since(begin) < storetest.MaxLag+time.Second; {
		w.write(0, len(written))
		written = append(written, time.Now())
		began := time.Now()
		got, _ := w.read(len(written)%3, 0)
		// What replaced the version that was shown had been acknowledged then.
		lag := f.stores[len(written)%3].Standbys()[0].Lag
		if got+1 < len(written) {
			old++
			if age := began.Sub(written[got+1]); age > lag {
				f.t.Errorf("an answer is %s old, and the metric says %s", age, lag)
			}
		}
	}
	if old == 0 {
		f.t.Error("no answer was old: the standby has not lagged")
	}
	f.t.Logf("%d of %d answers during a lag were old, none older than the metric", old, len(written)-1)
}

// counts is how many statements of readers the servers have executed.
type counts struct{ primary, all int64 }

// counts returns the statements of the primary by pg_stat_statements, without those of the
// programs' background work and of writes, and all statements that programs sent.
func (f fleet) counts() (c counts) {
	db, err := sql.Open("pgx", f.primary)
	check.NoError(f.t, err)
	defer db.Close()
	if _, err := db.ExecContext(context.Background(), "CREATE EXTENSION IF NOT EXISTS pg_stat_statements"); err != nil {
		return counts{primary: -1}
	}
	check.NoError(f.t, db.QueryRowContext(context.Background(), `SELECT COALESCE(SUM(calls), 0) FROM pg_stat_statements
		WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query ILIKE 'SELECT%' AND query ILIKE '%categories%'`).Scan(&c.primary))
	return c
}

func (f fleet) logShare(before counts, what string) {
	if before.primary < 0 {
		f.t.Log("pg_stat_statements is not installed")
		return
	}
	f.t.Logf("the primary executed %d statements %s", f.counts().primary-before.primary, what)
}
