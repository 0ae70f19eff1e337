package bench_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/pgcluster"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// replicas opens three stores on a new database of a cluster.
func replicas(b *testing.B, cluster *pgcluster.Cluster, name string) (list []*storetest.Store) {
	b.Helper()
	db, err := sql.Open("pgx", cluster.DSN)
	if err == nil {
		_, err = db.ExecContext(b.Context(), "CREATE DATABASE "+name)
	}
	if err == nil {
		err = db.Close()
	}
	u, perr := url.Parse(cluster.DSN)
	if err != nil || perr != nil {
		b.Fatal(err, perr)
	}
	u.Path = "/" + name
	for range 3 {
		list = append(list, storetest.Open(b, u.String()))
	}
	return list
}

// appendAll runs 32 writers, each of which appends some changes with a pause after each.
func appendAll(b *testing.B, stores []*storetest.Store, each int, pause time.Duration, add func(context.Context, *ent.Client, ...changefeed.Entry) error, acknowledged func(id string)) time.Duration {
	b.Helper()
	ctx := viewer.AsSystem(context.Background())
	var all sync.WaitGroup
	began := time.Now()
	for w := range 32 {
		all.Go(func() {
			for i := range each {
				id := fmt.Sprintf("reg_%d_%d", w, i)
				err := stores[w%len(stores)].Tx(ctx, func(ctx context.Context, c *ent.Client) error {
					if _, err := c.Region.Query().Exist(ctx); err != nil { // the work of a change
						return err
					}
					return add(ctx, c, changefeed.Entry{Kind: changefeed.Updated, Type: "Region", ID: id, Version: 1, Item: changefeed.RegionItem{Name: "临澜市"}})
				})
				if err != nil {
					b.Errorf("append: %v", err)
					return
				}
				acknowledged(id)
				time.Sleep(pause)
			}
		})
	}
	all.Wait()
	return time.Since(began)
}

// BenchmarkAppend runs 32 writers on three replicas over a PostgreSQL server whose standby
// confirms every commit, in turns with the order of the change log and without any (which
// lets readers miss changes). It reports both rates and, of writers that pause, how long after
// the commit a reader has a change.
func BenchmarkAppend(b *testing.B) {
	cluster, err := pgcluster.StartReplicated()
	if err != nil {
		b.Logf("not run: %v", err)
		return
	}
	b.Cleanup(func() {
		if err := cluster.Stop(); err != nil {
			b.Errorf("stop PostgreSQL: %v", err)
		}
	})
	ordered, unordered := replicas(b, cluster, "ordered"), replicas(b, cluster, "unordered")
	log := changefeed.New(ordered[0].Store)
	var position atomic.Int64
	without := func(ctx context.Context, c *ent.Client, entries ...changefeed.Entry) error {
		e := entries[0]
		return c.Change.Create().SetPosition(position.Add(1)).SetKind(string(e.Kind)).SetItemType(e.Type).SetItemID(e.ID).SetVersion(e.Version).
			SetAt(unordered[0].Clock()).SetPayload(`{"name":"临澜市"}`).Exec(ctx)
	}
	const turn = 40
	var rates [2][]float64
	var delays []float64
	for b.Loop() {
		took := appendAll(b, unordered, turn, 0, without, func(string) {})
		rates[0] = append(rates[0], 32*turn/took.Seconds())
		took = appendAll(b, ordered, turn, 0, log.Append, func(string) {})
		rates[1] = append(rates[1], 32*turn/took.Seconds())
		delays = append(delays, delaysOf(b, ordered, log)...)
	}
	slices.Sort(delays)
	b.ReportMetric(median(rates[0]), "unordered/s")
	b.ReportMetric(median(rates[1]), "ordered/s")
	b.ReportMetric(100*median(rates[1])/median(rates[0]), "%")
	b.ReportMetric(delays[len(delays)/2], "delay-p50-ms")
	b.ReportMetric(delays[len(delays)*99/100], "delay-p99-ms")
}

// delaysOf returns the milliseconds from commits to a reader, of writers that pause.
func delaysOf(b *testing.B, stores []*storetest.Store, log *changefeed.Log) (delays []float64) {
	b.Helper()
	const each = 20
	ctx := viewer.AsSystem(context.Background())
	end, err := log.End(ctx)
	if err != nil {
		b.Fatal(err)
	}
	var mu sync.Mutex
	committed, read := map[string]time.Time{}, map[string]time.Time{}
	var reading sync.WaitGroup
	reading.Go(func() {
		for at := (changefeed.Cursor{Position: end}); len(read) < 32*each; {
			_, err := log.Wait(ctx, changefeed.Mark{Position: at.Position})
			if err != nil {
				b.Errorf("wait: %v", err)
				return
			}
			page, err := log.Page(ctx, at, 100, changefeed.Filter{})
			if err != nil {
				b.Errorf("read: %v", err)
				return
			}
			for _, e := range page.Edges {
				read[e.Node.ItemID] = time.Now()
			}
			at = page.End
		}
	})
	appendAll(b, stores, each, 200*time.Millisecond, log.Append, func(id string) {
		mu.Lock()
		defer mu.Unlock()
		committed[id] = time.Now()
	})
	reading.Wait()
	for id, at := range read {
		delays = append(delays, max(0, float64(at.Sub(committed[id]).Microseconds())/1000))
	}
	return delays
}
