package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/content/region"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/faultproxy"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// replicated is a store that reads from a standby behind a proxy.
type replicated struct {
	*storetest.Store
	t       *testing.T
	standby string // its address without the proxy
	proxy   *faultproxy.Proxy
}

// withStandby opens a store that reads from a standby, and waits until that is read.
func withStandby(t *testing.T) (r replicated, ok bool) {
	primary, standby, ok := storetest.Replicated(t)
	if !ok {
		return r, false
	}
	proxy := faultproxy.New(t, standby)
	r = replicated{storetest.Open(t, primary, proxy.URL), t, standby, proxy}
	r.eventuallyRead(true)
	return r, true
}

// eventuallyRead waits until the standby gets reads, or none.
func (r replicated) eventuallyRead(want bool) {
	r.t.Helper()
	check.Eventually(r.t, fmt.Sprint("the standby gets reads: ", want), func() bool { return r.Standbys()[0].Reads == want })
}

// region creates a region and returns the position of its entry.
func (r replicated) region(name string) (position int64) {
	r.t.Helper()
	ctx, written := changefeed.WithWritten(viewer.AsSystem(context.Background()))
	log := changefeed.New(r.Store.Store)
	_, err := region.New(r.Store.Store, log).Create(ctx, region.CreateInput{Name: name})
	check.NoError(r.t, err)
	position, ok, err := log.Position(ctx, written)
	if err != nil || !ok {
		r.t.Fatalf("the position of a write: %d, %t, %v", position, ok, err)
	}
	return position
}

// read returns how many regions an anonymous reader sees, and which database answered.
func (r replicated) read(atLeast int64) (regions int, source string, position int64) {
	r.t.Helper()
	ctx, position, err := r.Read(viewer.AsAnonymous(context.Background()), atLeast, true)
	check.NoError(r.t, err)
	source = store.Source(ctx)
	regions, err = r.Client(ctx).Region.Query().Count(ctx)
	check.NoError(r.t, err)
	return regions, source, position
}

// TestRead reads from a standby, and from the primary what the standby must not answer.
func TestRead(t *testing.T) {
	t.Parallel()
	r, ok := withStandby(t)
	if !ok {
		return
	}
	at := r.region("青螺县")
	regions, _, position := r.read(at)
	if regions != 1 || position < at {
		t.Errorf("after a write at %d there are %d regions at %d", at, regions, position)
	}
	check.Eventually(t, "a read is answered by the standby", func() bool { _, source, _ := r.read(at); return source == r.Standbys()[0].Name })
	ctx, _, err := r.Read(context.Background(), 0, false)
	check.NoError(t, err)
	check.Equal(t, "where staff reads", store.Source(ctx), "")
	_, _, err = r.Read(context.Background(), at+1000, true)
	if !fault.Is(err, fault.BadUserInput) || !strings.Contains(err.Error(), "not to") {
		t.Errorf("at a position that nothing has: %v", err)
	}
}

// TestReadWhileStandbyIsBehind stops the replay: who asks for a new position is answered by
// the primary, others get the old state until the standby is too far behind.
func TestReadWhileStandbyIsBehind(t *testing.T) { // alone: others read from the same server
	r, ok := withStandby(t)
	if !ok {
		return
	}
	first := r.region("青螺县")
	check.Eventually(t, "the standby has the first", func() bool { n, source, _ := r.read(first); return n == 1 && source != "" })
	pause(t, r.standby)
	second := r.region("临澜市")
	regions, source, position := r.read(second)
	if regions != 2 || source != "" || position < second {
		t.Errorf("at the new position %d: %d regions from %q at %d", second, regions, source, position)
	}
	check.Eventually(t, "the standby is left out", func() bool {
		began := time.Now()
		regions, source, position := r.read(0)
		switch lag := r.Standbys()[0].Lag; {
		case source == "":
			return regions == 2
		case regions != 1 || position != first:
			t.Errorf("the standby has %d regions at %d", regions, position)
		case lag < time.Since(began):
			t.Errorf("the standby has %d regions, and the metric says that it is %s behind", regions, lag)
		}
		return false
	})
	resume(t, r.standby)
	r.eventuallyRead(true)
	check.Eventually(t, "the standby answers at the new position", func() bool { n, source, _ := r.read(second); return n == 2 && source != "" })
}

func pause(t *testing.T, standby string) {
	t.Helper()
	storetest.Execute(t, standby, "SELECT pg_wal_replay_pause()")
	t.Cleanup(func() { resume(t, standby) })
}

func resume(t *testing.T, standby string) {
	t.Helper()
	storetest.Execute(t, standby, "SELECT pg_wal_replay_resume()")
}

// TestStandbyFails takes a standby away in several ways: the primary answers, and the
// standby gets reads again on its own.
func TestStandbyFails(t *testing.T) {
	t.Parallel()
	r, ok := withStandby(t)
	if !ok {
		return
	}
	at := r.region("青螺县")
	check.Eventually(t, "the standby has it", func() bool { _, source, _ := r.read(at); return source != "" })
	for _, fault := range []struct {
		name        string
		begin, end  func()
		staysInside bool // it answers probes, or is there again before the next one
	}{
		{"refuses", r.proxy.Refuse, r.proxy.Resume, false},
		{"hangs", r.proxy.Stall, r.proxy.Resume, false},
		{"loses its connections", r.proxy.Cut, func() {}, true},
		{"cancels for a conflict with recovery", func() { r.proxy.Answer("40001") }, func() { r.proxy.Answer("") }, false},
		{"cancels", func() { r.proxy.Answer("57014") }, func() { r.proxy.Answer("") }, false},
		{"shuts down", func() { r.proxy.Answer("57P01") }, func() { r.proxy.Answer("") }, false},
	} {
		t.Run(fault.name, func(t *testing.T) {
			ctx, _, err := r.Read(viewer.AsAnonymous(context.Background()), 0, true)
			check.NoError(t, err)
			check.Equal(t, "where a request reads that has begun", store.Source(ctx), r.Standbys()[0].Name)
			fallbacks := r.Standbys()[0].Fallbacks
			fault.begin()
			n, err := r.Client(ctx).Region.Query().Count(ctx)
			if err != nil || n != 1 {
				t.Errorf("a request that had begun reads %d, %v", n, err)
			}
			if !fault.staysInside {
				check.Equal(t, "who answered in the end", store.Source(ctx), "")
				check.Equal(t, "statements that the primary answered instead", r.Standbys()[0].Fallbacks-fallbacks, int64(1))
				r.eventuallyRead(false)
			}
			n, source, _ := r.read(0)
			if n != 1 || source != "" && !fault.staysInside {
				t.Errorf("%d regions are read from %q", n, source)
			}
			fault.end()
			r.eventuallyRead(true)
			check.Eventually(t, "the standby answers again", func() bool { _, source, _ := r.read(0); return source != "" })
		})
	}
}

// TestNoStandby names databases as standbys that are none: they get no reads.
func TestNoStandby(t *testing.T) {
	t.Parallel()
	primary, _, ok := storetest.Replicated(t)
	if !ok {
		return
	}
	another, other, _ := storetest.Replicated(t)
	s := storetest.Open(t, primary, primary, other)
	for address, says := range map[string]string{primary: "not in recovery", other: "the standby"} {
		if err := s.CheckStandby(t.Context(), address); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", address, err)
		}
	}
	storetest.Open(t, another) // migrates it
	check.Eventually(t, "its copy is another database", func() bool {
		err := s.CheckStandby(t.Context(), other)
		return err != nil && strings.Contains(err.Error(), "a copy of another database")
	})
	for range 3 {
		ctx, _, err := s.Read(t.Context(), 0, true)
		check.NoError(t, err)
		check.Equal(t, "where it reads", store.Source(ctx), "")
	}
}

// TestReadReturnsTheSame compares rows with values of every kind from both databases.
func TestReadReturnsTheSame(t *testing.T) {
	t.Parallel()
	r, ok := withStandby(t)
	if !ok {
		return
	}
	at := r.region("青螺县")
	check.Eventually(t, "both databases return the same", func() bool {
		ctx, _, err := r.Read(viewer.AsSystem(context.Background()), at, true)
		check.NoError(t, err)
		if store.Source(ctx) == "" {
			return false
		}
		copied, err := r.Client(ctx).Change.Query().All(ctx)
		check.NoError(t, err)
		original, err := r.Client(ctx).Change.Query().All(viewer.AsSystem(context.Background()))
		check.NoError(t, err)
		check.Equal(t, "the copy", fmt.Sprint(copied), fmt.Sprint(original))
		return true
	})
}
