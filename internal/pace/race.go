//go:build race

package pace

// Slowdown is how many times longer things may take: the race detector watches.
const Slowdown = 10
