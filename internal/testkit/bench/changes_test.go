package bench_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// longLog is how many entries the long log has; with -short, enough for a run to succeed.
func longLog() int64 {
	if testing.Short() {
		return 10_000
	}
	return 10_000_000
}

// fillLog writes n entries into the change log of a SQLite store.
func fillLog(b *testing.B, s *storetest.Store, n int64) {
	b.Helper()
	ctx := viewer.AsSystem(context.Background())
	_, err := s.Client(ctx).ExecContext(ctx, `WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < $1)
		INSERT INTO changes (position, kind, item_type, item_id, version, at, place, payload)
		SELECT n, 'UPDATED', 'Region', 'reg_' || (n % 1000), n, n, '', '{}' FROM i`, n)
	if err == nil {
		_, err = s.Client(ctx).ExecContext(ctx, "UPDATE change_head SET last = $1", n)
	}
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkReadLog reads a page of 100 changes near the beginning and near the end of a long
// log, unfiltered and through a filter that hardly any entry meets.
func BenchmarkReadLog(b *testing.B) {
	s := storetest.SQLite(b)
	fillLog(b, s, longLog())
	log, ctx := changefeed.New(s.Store), viewer.AsSystem(context.Background())
	narrow := changefeed.Filter{Types: []changefeed.ItemType{changefeed.Article}}
	for _, position := range []int64{1_000, longLog() - 1_000} {
		for name, f := range map[string]changefeed.Filter{"all": {}, "narrow": narrow} {
			b.Run(fmt.Sprintf("at=%d/%s", position, name), func(b *testing.B) {
				for b.Loop() {
					page, err := log.Page(ctx, changefeed.Cursor{Position: position}, 100, f)
					if err != nil || !page.More || page.End.Position <= position {
						b.Fatal(page, err)
					}
				}
			})
		}
	}
}

// BenchmarkWriteLog writes alternately without and with a follower at the end of the log,
// and reports by how much a follower slows writes down, by medians.
func BenchmarkWriteLog(b *testing.B) {
	const turn = 100
	s := storetest.SQLite(b)
	log, ctx := changefeed.New(s.Store), viewer.AsSystem(context.Background())
	times := [2][]float64{}
	for b.Loop() {
		for followers := range 2 {
			following, stop := context.WithCancel(ctx)
			var done sync.WaitGroup
			for range followers {
				done.Go(func() { followLog(following, b, log) })
			}
			began := time.Now()
			for range turn {
				appendOne(ctx, b, s, log.Append)
			}
			times[followers] = append(times[followers], float64(time.Since(began).Nanoseconds())/turn)
			stop()
			done.Wait()
		}
	}
	alone, followed := median(times[0]), median(times[1])
	b.ReportMetric(alone, "alone-ns/write")
	b.ReportMetric(followed, "followed-ns/write")
	b.ReportMetric(100*(followed/alone-1), "%slower")
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

func followLog(ctx context.Context, b *testing.B, log *changefeed.Log) {
	end, err := log.End(ctx)
	if err != nil {
		b.Errorf("follow: %v", err)
	}
	for at := (changefeed.Cursor{Position: end}); ctx.Err() == nil; {
		page, err := log.Page(ctx, at, 100, changefeed.Filter{})
		if err == nil {
			if at = page.End; page.More {
				continue
			}
			_, err = log.Wait(ctx, changefeed.Mark{Position: at.Position})
		}
		if err != nil && ctx.Err() == nil {
			b.Errorf("follow: %v", err)
			return
		}
	}
}

func appendOne(ctx context.Context, b *testing.B, s *storetest.Store, add func(context.Context, *ent.Client, ...changefeed.Entry) error) {
	err := s.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		if _, err := c.Region.Query().Exist(ctx); err != nil { // the work of a change
			return err
		}
		return add(ctx, c, changefeed.Entry{Kind: changefeed.Updated, Type: "Region", ID: "reg_1", Version: 1, Item: changefeed.RegionItem{Name: "临澜市"}})
	})
	if err != nil {
		b.Error(err)
	}
}
