//go:build !linux && !darwin

package store

// diskSpace does not know.
func diskSpace(string) (free uint64, readOnly, ok bool) { return 0, false, false }
