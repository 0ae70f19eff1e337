package media

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// How many uploads are received concurrently, which bounds the disk space they take, and
// how many are read into memory concurrently. Strangers, who need only a receipt, have slots
// of their own: slow uploads of theirs delay no editor.
const (
	maxReceiving    = 32
	maxStrangers    = 8
	maxEachStranger = 2 // from one network
	maxReading      = 4
)

// slots are the uploads that are received concurrently from strangers.
type slots struct {
	all *semaphore.Weighted

	mu   sync.Mutex
	each map[string]int // by network
}

// enter waits for a slot, and returns how to leave it. It refuses a network that has all of
// its slots.
func (r *slots) enter(ctx context.Context, network string) (leave func(), err error) {
	r.mu.Lock()
	full := r.each[network] >= maxEachStranger
	if !full {
		r.each[network]++
	}
	r.mu.Unlock()
	if full {
		return nil, fault.New(fault.Limited, "at most %d files are received from one address at a time; send this one when another is done", maxEachStranger)
	}
	forget := func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.each[network]--; r.each[network] == 0 {
			delete(r.each, network)
		}
	}
	if err := r.all.Acquire(ctx, 1); err != nil {
		forget()
		return nil, busy(err)
	}
	return func() { r.all.Release(1); forget() }, nil
}
