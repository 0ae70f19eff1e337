//go:build !race

package timing

// Slowdown is how many times longer things may take: this is an ordinary build.
const Slowdown = 1
