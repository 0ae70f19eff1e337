//go:build !unix

package admission

import "time"

var started = time.Now()

// processorTime returns the time since the program began: more than it can have taken of one
// processor.
func processorTime() time.Duration { return time.Since(started) }
