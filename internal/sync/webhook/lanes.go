package webhook

// Webhooks that were quick the last time and those that were slow or failed are served
// in lanes of their own, so that hanging receivers never use up the capacity of the
// others (a bulkhead).
const (
	quickLane = 256
	slowLane  = 32
)

// admit reserves capacity for a webhook, and reports false if it is being served
// already or its lane is full.
func (r *Runner) admit(id string, failed bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	slow := failed || r.slow[id]
	if r.busy[id] || r.free[slow] == 0 {
		return false
	}
	r.free[slow]--
	r.busy[id], r.slow[id] = true, slow
	return true
}

// release returns the capacity, and records the lane for the next time.
func (r *Runner) release(id string, slow bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.free[r.slow[id]]++
	delete(r.busy, id)
	if r.slow[id] = slow; !slow {
		delete(r.slow, id)
	}
	r.idle.Broadcast()
}

// Wait returns when no delivery is in flight.
func (r *Runner) Wait() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.busy) > 0 {
		r.idle.Wait()
	}
}
