package snapshot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/content/region"
	"github.com/tonggao/tonggao/internal/foundation/dataloader"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/snapshot"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

var system = portal.System()

// replica is one program over a database, with the names of the regions in memory.
type replica struct {
	*storetest.Store
	*region.Service
	log   *changefeed.Log
	names *snapshot.Table[string]
	loads int
}

func open(s *storetest.Store) *replica {
	r := &replica{Store: s, log: changefeed.New(s.Store)}
	r.Service = region.New(s.Store, r.log)
	r.names = snapshot.New(s.Store, "Region", func(ctx context.Context) (string, error) {
		r.loads++
		return r.stored(ctx)
	})
	return r
}

// stored returns the names in the database.
func (r *replica) stored(ctx context.Context) (string, error) {
	var names []string
	err := r.Client(ctx).Region.Query().Select("name").Scan(ctx, &names)
	slices.Sort(names)
	return strings.Join(names, " "), err
}

// read returns the names that a request finds whose database has a position.
func (r *replica) read(t *testing.T, atLeast int64) string {
	t.Helper()
	ctx, _, err := r.Read(t.Context(), atLeast, true)
	check.NoError(t, err)
	kept, err := r.names.Get(ctx)
	check.NoError(t, err)
	if kept == nil {
		t.Fatal("a request with a position reads the table")
	}
	return *kept
}

// write creates a region and returns the position of its entry.
func (r *replica) write(t *testing.T, name string) int64 {
	t.Helper()
	ctx, written := changefeed.WithWritten(system)
	_, err := r.Create(ctx, region.CreateInput{Name: name})
	check.NoError(t, err)
	at, ok, err := r.log.Position(system, written)
	if err != nil || !ok {
		t.Fatalf("the position of a write: %v, %v", ok, err)
	}
	return at
}

// TestGet writes on one replica and reads on both: the writer's finds it at once, the other
// where its request has the position of the write.
func TestGet(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		a, b := open(s), open(storetest.Open(t, s.URL))
		want := ""
		for i := range 4 {
			check.Equal(t, "before", b.read(t, 0), want)
			name := fmt.Sprintf("第%d区", i)
			want = strings.TrimSpace(want + " " + name)
			_, err := a.Create(system, region.CreateInput{Name: name})
			check.NoError(t, err)
			check.Equal(t, "the writer", a.read(t, 0), want)
			name += "乙"
			want += " " + name
			at := a.write(t, name)
			check.Equal(t, "the other", b.read(t, at), want)
		}
	})
}

// TestGetAgain loads a table once, although other items change.
func TestGetAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		r := open(s)
		r.write(t, "临澜市")
		r.read(t, 0)
		before := r.loads
		check.Equal(t, "statements", s.Count(func() { r.read(t, 0) }), 0)
		for _, itemType := range []string{"Article", "Comment"} {
			check.NoError(t, s.Tx(system, func(ctx context.Context, c *ent.Client) error {
				return r.log.Append(ctx, c, changefeed.Entry{Kind: changefeed.Updated, Type: itemType, ID: "x_1", Place: &changefeed.Placement{}})
			}))
			r.read(t, 0)
		}
		check.Equal(t, "loads", r.loads-before, 0)
	})
}

// TestGetOfOthers leaves transactions, requests without a position and failed loads to the
// database.
func TestGetOfOthers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		r := open(s)
		r.write(t, "临澜市")
		reading, _, err := r.Read(t.Context(), 0, true)
		check.NoError(t, err)
		kept, err := r.names.Get(t.Context())
		check.Equal(t, "without a position", kept == nil && err == nil, true)
		check.NoError(t, s.Tx(reading, func(ctx context.Context, _ *ent.Client) error {
			kept, err := r.names.Get(ctx)
			check.Equal(t, "in a transaction", kept == nil && err == nil, true)
			return nil
		}))
		broken := true
		failing := snapshot.New(s.Store, "Region", func(context.Context) (int, error) {
			if broken {
				return 0, errors.New("connection lost")
			}
			return 7, nil
		})
		_, err = failing.Get(reading)
		check.Equal(t, "a load that fails", check.Problems(err) != "", true)
		broken = false
		n, err := failing.Get(reading)
		check.NoError(t, err)
		check.Equal(t, "the next", *n, 7)
	})
}

// TestHistoryLost takes changes away, as a restore does: the table is loaded again.
func TestHistoryLost(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	r := open(s)
	r.write(t, "临澜市")
	r.write(t, "溪口镇")
	check.Equal(t, "before", r.read(t, 0), "临澜市 溪口镇")
	for _, statement := range []string{"DELETE FROM regions WHERE name = '溪口镇'", "DELETE FROM changes WHERE position = 2", "UPDATE change_head SET last = 1"} {
		_, err := s.Client(system).ExecContext(system, statement)
		check.NoError(t, err)
	}
	check.Eventually(t, "the region that was lost is gone", func() bool { return r.read(t, 0) == "临澜市" })
}

// TestGetConcurrently lets readers compare what they find with what was acknowledged.
func TestGetConcurrently(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		a, b := open(s), open(storetest.Open(t, s.URL))
		var mu sync.Mutex
		var acknowledged string
		var position int64
		var all sync.WaitGroup
		done := make(chan struct{})
		for i := range 8 {
			r := []*replica{a, b}[i%2]
			all.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
					}
					mu.Lock()
					want, at := acknowledged, position
					mu.Unlock()
					if got := r.read(t, at); !strings.Contains(got, want) {
						t.Errorf("read %q after %q was acknowledged", got, want)
						return
					}
				}
			})
		}
		for i := range effort.N(10) {
			name := fmt.Sprintf("第%04d区", i)
			at := a.write(t, name)
			mu.Lock()
			acknowledged, position = name, at
			mu.Unlock()
		}
		close(done)
		all.Wait()
	})
}

// TestCopy makes copies that load together and leave the original alone.
func TestCopy(t *testing.T) {
	t.Parallel()
	rows := []*ent.Region{{ID: "reg_1"}, {ID: "reg_2"}}
	copies := snapshot.Copy(func(row *ent.Region) *dataloader.Group[*ent.Region] { return &row.Group })
	first, _ := copies.Add(rows[0]), copies.Add(rows[1])
	copies.Bind()
	first.Name = "临澜市"
	n, err := dataloader.Load(t.Context(), first.Group, first, "key", func(_ context.Context, rows []*ent.Region) (int, error) { return len(rows), nil })
	check.NoError(t, err)
	check.Equal(t, "loaded together", n, 2)
	check.Equal(t, "the original", rows[0].Name+fmt.Sprint(rows[0].Group == dataloader.Group[*ent.Region]{}), "true")
}
