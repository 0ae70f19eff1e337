// Package pace says how much longer things take in this build than in an ordinary
// one, for tests that bound a time. It refuses to say how long anything takes: a
// test names its own bound and multiplies it by Slowdown.
package timing

import "time"

// tries is how often Best tries: a machine that does other things as well is
// interrupted in most of them, and never in all.
const tries = 50

// Best is how long do takes when nothing comes between: the shortest of several
// times, or the first that is within the bound.
func Best(bound time.Duration, do func()) time.Duration {
	best := time.Duration(1<<63 - 1)
	for range tries {
		start := time.Now()
		do()
		if best = min(best, time.Since(start)); best <= bound {
			break
		}
	}
	return best
}
