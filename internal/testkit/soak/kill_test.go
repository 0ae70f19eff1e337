package soak_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

const (
	cyclesVar   = "TONGGAO_SOAK_CYCLES"
	seed        = 20191010
	mostToReady = 2 * time.Second
	soonestKill = 50 * time.Millisecond // after the program is ready
)

// plan is how often the program is killed, and at the latest how long after it is
// ready. Whoever names a number of cycles has time.
func plan(t *testing.T) (cycles int, latest time.Duration) {
	const soon, late = 500 * time.Millisecond, 2 * time.Second
	text := os.Getenv(cyclesVar)
	switch {
	case text == "" && testing.Short():
		return 2, soon
	case text == "":
		return 5, soon
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q is not a number of cycles", cyclesVar, text)
	}
	return n, late
}

// TestKill kills the program with kill -9 under eight writers and while it tells a
// webhook, starts it again, and holds the database against everything that was
// acknowledged, and in the end what the webhook was told against the log.
func TestKill(t *testing.T) {
	t.Parallel()
	url := storetest.SQLiteURL(t)
	p := build(t, url)
	log := newLedger(t, filepath.Join(t.TempDir(), "ledger"))
	random := rand.New(rand.NewPCG(seed, seed))
	n, latest := plan(t)

	p.start(t)
	hook := listen(t, p) // before anything happens
	crowd := newCrowd(t, p, log)
	var slowest time.Duration
	for cycle := range n {
		crowd.learn(t, p.address)
		moment := soonestKill + time.Duration(random.Int64N(int64(latest-soonestKill)))
		writing := crowd.write()
		<-time.After(moment)
		p.kill(t)
		writing.Wait()

		ready := p.start(t)
		if slowest = max(slowest, ready); ready > mostToReady {
			t.Errorf("cycle %d: ready again after %v, want at most %v", cycle, ready, mostToReady)
		}
		audit(t, url, log)
		pictures(t, url, p.media, log)
		if t.Failed() {
			t.Fatalf("cycle %d of %d, killed %v after it was ready", cycle+1, n, moment)
		}
	}
	hook.audit(t, url)
	p.stop(t)
	p.doctor(t)
	t.Logf("%d cycles of kill -9: %s; ready again after at most %v", n, log, slowest.Round(time.Millisecond))
}

// crowd is eight writers, each with something of its own to do.
type crowd struct {
	writers []*writer
}

// write lets everybody write until the program is gone.
func (c *crowd) write() *sync.WaitGroup {
	var busy sync.WaitGroup
	for _, w := range c.writers {
		busy.Go(func() { w.run() })
	}
	return &busy
}
