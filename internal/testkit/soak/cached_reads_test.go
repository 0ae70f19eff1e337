package soak_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// sharedFleet returns programs on one database, with a store of its own each.
func sharedFleet(t *testing.T, stores ...*storetest.Store) fleet {
	f := fleet{t: t, stores: stores}
	for _, s := range stores {
		f.programs = append(f.programs, apptest.Start(t, s, apptest.WithCache, func(c *config.Config) { c.CostLimit = 1 << 30 }))
	}
	f.token = f.programs[0].Token(viewer.Admin, "")
	return f
}

// written remembers when each version was acknowledged.
type written struct {
	mu sync.Mutex
	at []time.Time // by version
}

func (w *written) add(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = append(w.at, at)
}

// before returns the last version that was acknowledged before a moment, or was there from the
// beginning.
func (w *written) before(moment time.Time) (version int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for n, at := range w.at {
		if at.Before(moment) {
			version = n
		}
	}
	return version
}

// readWhileWriting lets readers ask a program for the title of an article while a client writes
// it by another, or the same. No answer is older than a duration.
func (c *chronicle) readWhileWriting(program, readers, reads int, oldest time.Duration) {
	c.t.Helper()
	const readsPerWrite = 20
	w := &written{at: []time.Time{{}}}
	turn := make(chan struct{}, readers*reads)
	var reading, writing sync.WaitGroup
	writing.Go(func() {
		n := 0
		for range turn {
			if n++; n%readsPerWrite == 0 {
				c.write(0, n/readsPerWrite)
				w.add(time.Now())
			}
		}
	})
	var old atomic.Int64
	for range readers {
		reading.Go(func() {
			for range reads {
				want := w.before(time.Now().Add(-oldest))
				if got, _ := c.read(program, 0); got < want {
					old.Add(1)
				}
				turn <- struct{}{}
			}
		})
	}
	reading.Wait()
	close(turn)
	writing.Wait()
	if n := old.Load(); n > 0 {
		c.t.Errorf("%d of %d answers were more than %s old", n, readers*reads, oldest)
	}
	if got, want := func() int { n, _ := c.read(program, c.at); return n }(), len(w.at)-1; got != want {
		c.t.Errorf("at the position of the last write, version %d is read, not %d", got, want)
	}
}

// TestCachedReads lets 16 readers ask for an article while it is written: no answer is older
// than the last write that was acknowledged when it was asked for.
func TestCachedReads(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		c := sharedFleet(t, s).chronicle()
		c.readWhileWriting(0, 16, 50*effort.N(1), 0)
	})
}

// TestCachedReplicas lets readers ask one program for what another one writes: no answer is
// older than a second.
func TestCachedReplicas(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		if s.Engine != "postgres" {
			return
		}
		c := sharedFleet(t, s, storetest.Open(t, s.URL)).chronicle()
		c.readWhileWriting(1, 8, 100*effort.N(1), time.Second)
	})
}
