package cli

import (
	"os"
	"runtime/debug"
)

// GOGC and GOMEMLIMIT of a server.
const (
	gcPercent   = 400
	memoryLimit = 1 << 30 // bytes
)

// tuneCollector makes garbage collections rarer than Go's default: a request frees most
// of what it allocates, and the rest is caches of bounded size. Only serve calls it; other
// commands process all content and should stay small. GOGC or GOMEMLIMIT in the
// environment override it.
func tuneCollector() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(gcPercent)
		debug.SetMemoryLimit(memoryLimit)
	}
}
