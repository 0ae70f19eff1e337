//go:build race

package timing

// Slowdown is how many times longer things may take: the race detector watches.
const Slowdown = 10
