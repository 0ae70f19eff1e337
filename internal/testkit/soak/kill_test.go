package soak_test

import (
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

const (
	seed        = 20191010
	soonestKill = 50 * time.Millisecond // after the program is ready
	latestKill  = 500 * time.Millisecond
)

// TestKill kills the program with SIGKILL under eight writers and while it delivers to a
// webhook, starts it again, and compares the database with everything that was
// acknowledged; in the end it compares the webhook's events with the change log.
func TestKill(t *testing.T) {
	t.Parallel()
	url := storetest.SQLiteURL(t)
	p := newProgram(t, url)
	log := newLedger(t, filepath.Join(t.TempDir(), "ledger"))
	random := rand.New(rand.NewPCG(seed, seed))
	cycles := effort.N(4)

	p.start(t)
	hook := listen(t, p) // before anything happens
	crowd := newCrowd(t, p, log)
	var slowest time.Duration
	for cycle := range cycles {
		crowd.learn(t, p.address)
		moment := soonestKill + time.Duration(random.Int64N(int64(latestKill-soonestKill)))
		writing := crowd.write()
		<-time.After(moment)
		p.kill(t)
		writing.Wait()

		slowest = max(slowest, p.start(t))
		audit(t, url, log)
		pictures(t, url, p.media, log)
		if t.Failed() {
			t.Fatalf("cycle %d of %d, killed %v after it was ready", cycle+1, cycles, moment)
		}
	}
	hook.audit(t, url)
	p.stop(t)
	p.doctor(t)
	t.Logf("%d cycles of SIGKILL: %s; ready again after at most %v", cycles, log, slowest.Round(time.Millisecond))
}

// crowd is eight writers, each with a different task.
type crowd struct {
	writers []*writer
}

// write starts all writers; they write until the program is gone.
func (c *crowd) write() *sync.WaitGroup {
	var busy sync.WaitGroup
	for _, w := range c.writers {
		busy.Go(func() { w.run() })
	}
	return &busy
}
