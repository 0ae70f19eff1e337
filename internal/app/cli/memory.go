package cli

import (
	"os"
	"runtime/debug"
)

// How far the heap may grow between two collections, and how large the program
// may become before the collector is in a hurry.
const (
	growth   = 400     // percent
	spacious = 1 << 30 // bytes
)

// calmCollector lets the collector run less often than Go would have it: most of
// what a request allocates is gone with its answer, and what stays is bounded
// caches. It is for serve: other commands go through everything there is, and are
// to be small. GOGC or GOMEMLIMIT in the environment are the operator's word, and
// stand.
func calmCollector() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(growth)
		debug.SetMemoryLimit(spacious)
	}
}
