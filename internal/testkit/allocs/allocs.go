// Package allocs measures the memory that code allocates, for tests of how its cost
// grows with the input. Unlike time it does not depend on the load of the machine.
package allocs

import "runtime"

// Bytes returns how many bytes do allocates. Tests that call it must not be parallel:
// the bytes of other goroutines are counted too.
func Bytes(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
