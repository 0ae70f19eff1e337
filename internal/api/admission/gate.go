package admission

import (
	"cmp"
	"context"
	"runtime"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// Lanes are the bounds of work in progress, in points. A document of more than Cheap points
// takes the lane of expensive ones.
type Lanes struct {
	Cheap     int64         // the greatest price of a cheap document; 2,000
	Expensive int64         // expensive work in progress; 20,000 for each two processors
	All       int64         // cheap work in progress; 50,000 for each processor
	Queue     int           // how many documents wait at each lane; 100
	Wait      time.Duration // how long one waits; 3 s
}

func (l Lanes) withDefaults() Lanes {
	processors := int64(runtime.GOMAXPROCS(0))
	return Lanes{Cheap: cmp.Or(l.Cheap, 2_000), Expensive: cmp.Or(l.Expensive, 20_000*max(1, processors/2)), All: cmp.Or(l.All, 50_000*processors),
		Queue: cmp.Or(l.Queue, 100), Wait: cmp.Or(l.Wait, 3*time.Second)}
}

// gate bounds the work in progress.
type gate struct {
	cheap       int64
	slow, quick *lane
	wait        time.Duration
}

// lane counts the work in progress of one kind.
type lane struct {
	free    *semaphore.Weighted
	points  int64
	waiting chan struct{} // has an element for each that waits
}

func newGate(l Lanes) *gate {
	l = l.withDefaults()
	return &gate{cheap: l.Cheap, wait: l.Wait, slow: newLane(l.Expensive, l.Queue), quick: newLane(l.All, l.Queue)}
}

func newLane(points int64, queue int) *lane {
	return &lane{semaphore.NewWeighted(points), points, make(chan struct{}, queue)}
}

// enter waits until there is space for work of that price, and returns how to leave it.
func (g *gate) enter(ctx context.Context, price int64) (leave func(), err error) {
	l := g.quick
	if price > g.cheap {
		l = g.slow
	}
	weight := min(max(price, 1), l.points)
	leave = func() { l.free.Release(weight) }
	if l.free.TryAcquire(weight) {
		return leave, nil
	}
	select {
	case l.waiting <- struct{}{}:
	default:
		return nil, errBusy
	}
	defer func() { <-l.waiting }()
	ctx, cancel := context.WithTimeout(ctx, g.wait)
	defer cancel()
	if l.free.Acquire(ctx, weight) != nil {
		return nil, errBusy
	}
	return leave, nil
}

var errBusy = &fault.Error{Code: fault.Unavailable, Retry: 2 * time.Second,
	Message: "the server is busy with other queries; send this one again after the seconds in Retry-After, and ask for less at a time"}
