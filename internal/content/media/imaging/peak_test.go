package imaging_test

import (
	"runtime"
	"runtime/debug"
	"sync/atomic"
)

// peakOf returns how far the heap grows while do runs, with little garbage on it.
func peakOf(do func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, peak := m.HeapAlloc, uint64(0)
	var done atomic.Bool
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for !done.Load() {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
			runtime.Gosched()
		}
	}()
	do()
	done.Store(true)
	<-watched
	return peak - min(before, peak)
}
