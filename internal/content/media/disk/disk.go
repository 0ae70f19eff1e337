// Package disk stores the files of pictures in a folder of the local disk.
//
// A file is complete or does not exist, also after a crash: it is written under another
// name, synchronised, and renamed. Only the names of foundation/mediaurl are accepted, so
// that no name leads out of the folder.
package disk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/mediaurl"
)

// Folder is the storage below a path.
type Folder struct{ path string }

// New returns the storage below path, which need not exist yet.
func New(path string) *Folder { return &Folder{path} }

// pathOf returns the path of the file with that name.
func (f *Folder) pathOf(name string) (string, error) {
	if _, ok := mediaurl.NameOf(mediaurl.Path(name)); !ok {
		return "", fault.New(fault.NotFound, "there is no such picture")
	}
	return filepath.Join(f.path, name[:2], filepath.FromSlash(name)), nil
}

// Put stores data under the name.
func (f *Folder) Put(_ context.Context, name string, _ string, data []byte) error {
	to, err := f.pathOf(name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
		return unavailable(err)
	}
	if err := write(to, data); err != nil {
		return unavailable(err)
	}
	for _, dir := range []string{filepath.Dir(to), filepath.Dir(filepath.Dir(to)), f.path} {
		if err := sync(dir); err != nil {
			return unavailable(err)
		}
	}
	return nil
}

// write creates the file atomically.
func write(to string, data []byte) (err error) {
	temporary, err := os.CreateTemp(filepath.Dir(to), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temporary.Name()))
		}
	}()
	_, err = temporary.Write(data)
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), to)
}

// sync writes the names in a folder to the disk, so that they survive a power cut.
func sync(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Open returns the file with that name, for the caller to read and close.
func (f *Folder) Open(_ context.Context, name string) (io.ReadSeekCloser, error) {
	from, err := f.pathOf(name)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(err, fault.NotFound, "there is no such picture")
	}
	if err != nil {
		return nil, unavailable(err)
	}
	return file, nil
}

// Remove removes the files with these names; one that does not exist is no error.
func (f *Folder) Remove(_ context.Context, names []string) error {
	for _, name := range names {
		path, err := f.pathOf(name)
		if err != nil {
			return err
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return unavailable(err)
		}
		_ = os.Remove(filepath.Dir(path)) // fails while it has other files
	}
	return nil
}

// Check returns an error unless the folder can be written to, or created. It does not
// create it.
func (f *Folder) Check(context.Context) error {
	at := f.path
	for _, err := os.Stat(at); errors.Is(err, fs.ErrNotExist) && at != filepath.Dir(at); _, err = os.Stat(at) {
		at = filepath.Dir(at)
	}
	probe, err := os.CreateTemp(at, ".check-*")
	if err != nil {
		return unavailable(err)
	}
	_, err = probe.WriteString(strings.Repeat("0", 4096))
	if err := errors.Join(err, probe.Close(), os.Remove(probe.Name())); err != nil {
		return unavailable(err)
	}
	return nil
}

// unavailable returns err as an error that lets the client try again and says what the
// operator must do.
func unavailable(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.Wrap(err, fault.Unavailable, "there is no disk space for the picture; the operator must free some, then send it again")
	}
	return fault.Wrap(fmt.Errorf("the folder of --media-dir: %w", err), fault.Unavailable, "pictures cannot be stored right now; the operator finds the cause in the log")
}
