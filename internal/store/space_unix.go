//go:build linux || darwin

package store

import (
	"errors"
	"path/filepath"
	"syscall"
)

// diskSpace returns how many bytes are free on the disk of a file, and whether it is
// mounted read-only.
func diskSpace(path string) (free uint64, readOnly, ok bool) {
	var s syscall.Statfs_t
	dir := filepath.Dir(path)
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, false, false
	}
	const write = 2
	return uint64(s.Bavail) * uint64(s.Bsize), errors.Is(syscall.Access(dir, write), syscall.EROFS), true
}
