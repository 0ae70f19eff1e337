package soak_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/article"
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

// ask sends an operation to a program and returns the data and the position of the answer; 0
// where it has none, as that to a write on a machine that is too busy to number it in time.
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
	position, _ = strconv.ParseInt(answer.Header.Get("X-Tonggao-Position"), 10, 64)
	return position
}

// chronicle is an article whose title one client writes again and again.
type chronicle struct {
	fleet
	id      string
	version int
	at      int64 // the position of the last write
}

func (f fleet) chronicle() *chronicle {
	p := f.programs[0]
	a := p.Article(article.CreateInput{Title: "第0版"}, p.Clock())
	return &chronicle{fleet: f, id: a.ID, version: a.Version}
}

// write writes version n by a program, and remembers the position of that.
func (c *chronicle) write(program, n int) {
	var made struct {
		UpdateArticle struct {
			Article *struct{ Version int }
		}
	}
	c.at = c.ask(program, c.token, fmt.Sprintf(`mutation { updateArticle(input: {article: %q, version: %d, title: "第%d版"}) { article { version } } }`, c.id, c.version, n), c.at, &made)
	if made.UpdateArticle.Article == nil {
		c.t.Fatalf("version %d was not written", n)
	}
	if c.version = made.UpdateArticle.Article.Version; c.at == 0 {
		c.write(program, n)
	}
}

// read returns the version that a program shows to anonymous readers.
func (c *chronicle) read(program int, atLeast int64) (n int, position int64) {
	var found struct{ Article struct{ Title string } }
	position = c.ask(program, "", fmt.Sprintf(`{ article(id: %q) { title } }`, c.id), atLeast, &found)
	if _, err := fmt.Sscanf(found.Article.Title, "第%d版", &n); err != nil {
		c.t.Errorf("read %q", found.Article.Title)
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
	written := make([]*chronicle, clients)
	for i := range written {
		written[i] = f.chronicle()
	}
	check.Together(clients, func(client int) error {
		w := written[client]
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
	f.readWithoutPosition()
}

// readWithoutPosition reads while the replay is stopped: an answer is never older than the
// metric says.
func (f fleet) readWithoutPosition() {
	w := f.chronicle()
	w.write(0, 0)
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

// TestStandbysAnswerReaders counts by pg_stat_statements how many of the statements that
// anonymous readers cause the standby executes; the rest is the primary's. Then it takes the
// standby of one program away, whose reads continue at once.
func TestStandbysAnswerReaders(t *testing.T) {
	f, ok := startFleet(t)
	if !ok {
		return
	}
	p := f.programs[0]
	p.GivePages()
	for i := range 30 {
		p.Article(article.CreateInput{Title: fmt.Sprintf("第%d篇", i)}, p.Clock())
	}
	w := f.chronicle()
	w.write(0, 0)
	for i := range f.programs {
		check.Eventually(t, "its standby has all", func() bool { _, position := w.read(i, 0); return position >= w.at })
	}
	if f.count(f.primary, "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_stat_statements'") == 1 {
		storetest.Execute(t, f.primary, "CREATE EXTENSION pg_stat_statements")
		f.share()
	}
	f.loseStandby(w)
}

// share reads as anonymous readers do, and counts.
func (f fleet) share() {
	check.Eventually(f.t, "the standby has the extension", func() bool {
		return f.count(f.standby, "SELECT count(*) FROM pg_extension WHERE extname = 'pg_stat_statements'") == 1
	})
	f.count(f.standby, "SELECT pg_stat_statements_reset()")
	sent := 0
	for _, s := range f.stores {
		for range effort.N(20) {
			sent += s.Count(func() {
				i := slices.Index(f.stores, s)
				f.ask(i, "", `{ articles(first: 20) { totalCount edges { node { title url lead publisher { name } category { name } comments(first: 3) { totalCount } } } } site { name } categories { name } }`, 0, &struct{}{})
				f.ask(i, "", `{ search(query: "第1篇") { edges { node { title body { html(terminal: WEB) } } } } trending { title } }`, 0, &struct{}{})
				f.programs[i].Fetch(http.MethodGet, "/feeds/rss.xml")
				f.programs[i].Fetch(http.MethodGet, "/sitemap.xml")
			}) + 4 // the positions
		}
	}
	standby := f.count(f.standby, `SELECT sum(calls) FROM pg_stat_statements
		WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query NOT LIKE '%pg_%'`)
	f.t.Logf("of %d statements of anonymous readers the standby executed %d", sent, standby)
	if primary := sent - standby; primary*20 > sent {
		f.t.Errorf("the primary executed %d of %d statements", primary, sent)
	}
}

// loseStandby takes the standby away from one program while it is read.
func (f fleet) loseStandby(w *chronicle) {
	for _, fault := range []func(){f.proxies[0].Refuse, f.proxies[0].Stall} {
		stop := make(chan struct{})
		var reads atomic.Int64
		var reader sync.WaitGroup
		reader.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if n, _ := w.read(0, w.at); n != 0 {
						f.t.Errorf("read version %d", n)
					}
					reads.Add(1)
				}
			}
		})
		begin := time.Now()
		fault()
		f.eventuallyReads(0, false)
		f.t.Logf("left out after %s, while %d reads were answered", time.Since(begin).Round(time.Millisecond), reads.Load())
		f.proxies[0].Resume()
		begin = time.Now()
		f.eventuallyReads(0, true)
		f.t.Logf("reads again after %s", time.Since(begin).Round(time.Millisecond))
		close(stop)
		reader.Wait()
	}
}

// count runs a statement on a server, and returns the number in its result, if it has one.
func (f fleet) count(server, statement string) int {
	n, _ := strconv.Atoi(f.texts(server, statement))
	return n
}

// texts returns the first column of a result, separated by commas.
func (f fleet) texts(server, statement string) string {
	db, err := sql.Open("pgx", server)
	check.NoError(f.t, err)
	defer db.Close()
	rows, err := db.QueryContext(context.Background(), statement)
	check.NoError(f.t, err)
	defer rows.Close()
	var list []string
	for rows.Next() {
		var text string
		check.NoError(f.t, rows.Scan(&text))
		list = append(list, text)
	}
	check.NoError(f.t, rows.Err())
	return strings.Join(list, ", ")
}
