package cli

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// GOGC and GOMEMLIMIT of a server.
const (
	maxGCPercent = 400
	minGCPercent = 100      // Go's default
	gcHeadroom   = 64 << 20 // bytes that may be allocated until the next collection, beyond minGCPercent
	memoryLimit  = 1 << 30  // bytes
)

// tuneCollector makes garbage collections of a small heap rarer than Go's default: a request
// frees most of what it allocates, and the rest is caches of bounded size. The larger the live
// heap, the closer to the default. Only serve calls it; other commands process all content and
// should stay small. GOGC or GOMEMLIMIT in the environment override it.
func tuneCollector() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
		setGCPercent(0)
	}
}

// setGCPercent sets GOGC for the live heap, and again after each collection.
func setGCPercent(last int) {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}}
	metrics.Read(sample)
	percent := gcPercent(sample[0].Value.Uint64() + sample[1].Value.Uint64())
	if percent != last { // setting it stops the program for a moment
		debug.SetGCPercent(percent)
	}
	collected := new([]byte) // garbage at once: its cleanup runs after the next collection
	runtime.AddCleanup(collected, setGCPercent, percent)
}

// gcPercent returns the GOGC with which a program of that many live bytes has at most gcHeadroom
// bytes of garbage.
func gcPercent(live uint64) int {
	return int(min(maxGCPercent, max(minGCPercent, gcHeadroom*100/max(live, 1))))
}
