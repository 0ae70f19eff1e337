// Package folder keeps files of pictures in a folder of the local disk.
//
// A file is there whole or not at all, also after a crash: it is written beside,
// synchronised, and renamed. Names are those of media/address and nothing else, so
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

// New is the storage below path, which need not exist yet.
func New(path string) *Folder { return &Folder{path} }

func (f *Folder) place(name string) (string, error) {
	if _, ok := mediaurl.NameOf(mediaurl.Path(name)); !ok {
		return "", fault.New(fault.NotFound, "there is no such picture")
	}
	return filepath.Join(f.path, name[:2], filepath.FromSlash(name)), nil
}

// Put keeps data under the name.
func (f *Folder) Put(_ context.Context, name string, _ string, data []byte) error {
	to, err := f.place(name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
		return trouble(err)
	}
	if err := write(to, data); err != nil {
		return trouble(err)
	}
	for _, dir := range []string{filepath.Dir(to), filepath.Dir(filepath.Dir(to)), f.path} {
		if err := sync(dir); err != nil {
			return trouble(err)
		}
	}
	return nil
}

// write makes the file, whole.
func write(to string, data []byte) (err error) {
	beside, err := os.CreateTemp(filepath.Dir(to), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(beside.Name()))
		}
	}()
	_, err = beside.Write(data)
	if err = errors.Join(err, beside.Sync(), beside.Close()); err != nil {
		return err
	}
	return os.Rename(beside.Name(), to)
}

// sync makes the names in a folder survive a power cut.
func sync(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Open gives the file of the name, to be read and closed.
func (f *Folder) Open(_ context.Context, name string) (io.ReadSeekCloser, error) {
	from, err := f.place(name)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(err, fault.NotFound, "there is no such picture")
	}
	if err != nil {
		return nil, trouble(err)
	}
	return file, nil
}

// Remove forgets the files of the names; one that is not there is no error.
func (f *Folder) Remove(_ context.Context, names []string) error {
	for _, name := range names {
		path, err := f.place(name)
		if err != nil {
			return err
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return trouble(err)
		}
		_ = os.Remove(filepath.Dir(path)) // not while there is something in it
	}
	return nil
}

// Check reports whether the folder can be written to, or made. It makes none.
func (f *Folder) Check(context.Context) error {
	at := f.path
	for _, err := os.Stat(at); errors.Is(err, fs.ErrNotExist) && at != filepath.Dir(at); _, err = os.Stat(at) {
		at = filepath.Dir(at)
	}
	probe, err := os.CreateTemp(at, ".check-*")
	if err != nil {
		return trouble(err)
	}
	_, err = probe.WriteString(strings.Repeat("0", 4096))
	if err := errors.Join(err, probe.Close(), os.Remove(probe.Name())); err != nil {
		return trouble(err)
	}
	return nil
}

// trouble says what the operator must do; the client hears that it may try again.
func trouble(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.Wrap(err, fault.Unavailable, "there is no room for the picture; the operator must make some, then send it again")
	}
	return fault.Wrap(fmt.Errorf("the folder of --media-dir: %w", err), fault.Unavailable, "pictures cannot be kept right now; the operator finds the cause in the log")
}
