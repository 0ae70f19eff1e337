package disk_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/tonggao/tonggao/internal/content/media/disk"
	"github.com/tonggao/tonggao/internal/foundation/fault"
)

const name = "0123456789abcdef0123456789abcdef01234567/320.jpg"

// TestPutOpenRemove stores a file twice, reads it, and removes it.
func TestPutOpenRemove(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "deep", "media")
	f, ctx := disk.New(dir), context.Background()
	if err := f.Check(ctx); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := f.Put(ctx, name, "image/jpeg", []byte("picture")); err != nil {
			t.Fatal(err)
		}
	}
	file, err := f.Open(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(file)
	if err != nil || !bytes.Equal(got, []byte("picture")) || file.Close() != nil {
		t.Errorf("%q %v", got, err)
	}
	if list := filesIn(t, dir); len(list) != 1 {
		t.Errorf("temporary files are left: %v", list)
	}
	if err := f.Remove(ctx, []string{name, name}); err != nil || len(filesIn(t, dir)) != 0 {
		t.Errorf("%v, left: %v", err, filesIn(t, dir))
	}
	if _, err := f.Open(ctx, name); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}

// TestNames asserts that no name leads out of the folder.
func TestNames(t *testing.T) {
	t.Parallel()
	f, ctx := disk.New(t.TempDir()), context.Background()
	for _, name := range []string{"", "..", "/etc/passwd", "../../etc/passwd", "a", "0123456789abcdef0123456789abcdef01234567/../x.jpg",
		"0123456789abcdef0123456789abcdef01234567/320.html", "0123456789abcdef0123456789abcdef01234567/320.jpg/..", "0123456789abcdef0123456789abcdef01234567/0320.jpg"} {
		_, err := f.Open(ctx, name)
		for _, err := range []error{err, f.Put(ctx, name, "image/jpeg", nil), f.Remove(ctx, []string{name})} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("%q: %v", name, err)
			}
		}
	}
}

// TestUnavailable asserts that a full disk and a folder that cannot be written are reported
// so that the client tries again.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	full := disk.Unavailable(&os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC})
	if got := full.(*fault.Error); got.Code != fault.Unavailable || !bytes.Contains([]byte(got.Message), []byte("no disk space")) {
		t.Error(full)
	}
	closed := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(closed, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := disk.New(closed)
	for _, err := range []error{f.Check(context.Background()), f.Put(context.Background(), name, "image/jpeg", nil)} {
		if !fault.Is(err, fault.Unavailable) {
			t.Error(err)
		}
	}
}

func filesIn(t *testing.T, dir string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
