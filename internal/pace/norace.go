//go:build !race

package pace

// Slowdown is how many times longer things may take: this is an ordinary build.
const Slowdown = 1
