package markdown_test

import (
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/tools/txtar"

	"github.com/tonggao/tonggao/internal/sync/importer/markdown"
	"github.com/tonggao/tonggao/internal/sync/importer/record"
)

var update = flag.Bool("update", false, "write the results into testdata")

// folderOf writes the files of an archive into a new folder.
func folderOf(t testing.TB, files []txtar.File) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// recordsOf returns the records of a folder, printed.
func recordsOf(t testing.TB, name string) string {
	t.Helper()
	f, err := markdown.Open(name, "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b strings.Builder
	b.WriteString("site " + f.Address() + "\n")
	err = f.Records(context.Background(), func(r record.Record) error {
		b.WriteString(record.String(r))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestFolders compares the records of each folder in testdata with its file "records".
func TestFolders(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d cases, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			last := len(a.Files) - 1
			if a.Files[last].Name != "records" {
				a.Files = append(a.Files, txtar.File{Name: "records"})
				last++
			}
			got := recordsOf(t, folderOf(t, a.Files[:last]))
			if *update {
				a.Files[last].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(a), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(a.Files[last].Data), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestOpenOutside asks for files outside of the folder.
func TestOpenOutside(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, []txtar.File{{Name: "site/posts/a.md", Data: []byte("# 甲\n")}, {Name: "site/posts/图 1.png", Data: []byte("png")}, {Name: "secret.png", Data: []byte("secret")}})
	if err := os.Symlink(filepath.Join(dir, "secret.png"), filepath.Join(dir, "site", "link.png")); err != nil {
		t.Fatal(err)
	}
	f, err := markdown.Open(filepath.Join(dir, "site"), "https://www.yundu.example")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for address, want := range map[string]string{
		"/posts/%E5%9B%BE%201.png": "png", "https://www.yundu.example/posts/%E5%9B%BE%201.png": "png",
		"/../secret.png": "", "/..%2fsecret.png": "", "/link.png": "", "https://other.example/posts/%E5%9B%BE%201.png": "", "/posts": "", "%zz": "", "": "",
	} {
		in, err := f.Open(address)
		if err != nil {
			if want != "" || !errors.Is(err, record.ErrNoFile) && !strings.Contains(err.Error(), "escapes") {
				t.Errorf("%s: %v", address, err)
			}
			continue
		}
		if text, _ := io.ReadAll(in); string(text) != want {
			t.Errorf("%s: %q, want %q", address, text, want)
		}
		_ = in.Close()
	}
}

// TestOneFile reads a single file of a folder.
func TestOneFile(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, []txtar.File{{Name: "a.md", Data: []byte("# 甲\n\n正文。\n")}, {Name: "b.md", Data: []byte("# 乙\n")}})
	if got := recordsOf(t, filepath.Join(dir, "a.md")); strings.Contains(got, "乙") || !strings.Contains(got, "Title: 甲") {
		t.Error(got)
	}
	if _, err := markdown.Open(filepath.Join(dir, "none"), ""); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that does not exist: %v", err)
	}
}

// TestEncodings reads pages in GB18030, with a byte order mark, and with bytes that are no text.
func TestEncodings(t *testing.T) {
	t.Parallel()
	gb, err := simplifiedchinese.GB18030.NewEncoder().String("---\ntitle: 云渡的渡口\n---\n渡船每天四班。\n")
	if err != nil {
		t.Fatal(err)
	}
	dir := folderOf(t, []txtar.File{{Name: "a.md", Data: []byte(gb)}, {Name: "b.md", Data: []byte("\ufeff---\r\ntitle: 乙\r\n---\r\n正文\r\n")}, {Name: "c.md", Data: []byte("# \xff\xff\xff\n")}})
	got := recordsOf(t, dir)
	for _, want := range []string{"Title: 云渡的渡口", "渡船每天四班", "Title: 乙", "neither UTF-8 nor GB18030"} {
		if !strings.Contains(got, want) {
			t.Errorf("without %s: %s", want, got)
		}
	}
}

// TestInterrupted ends the reading of a folder.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	f, err := markdown.Open(folderOf(t, []txtar.File{{Name: "a.md", Data: []byte("# 甲\n")}, {Name: "b.md", Data: []byte("# 乙\n")}}), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	err = f.Records(ctx, func(record.Record) error { n++; cancel(); return nil })
	if !errors.Is(err, context.Canceled) || n != 1 {
		t.Errorf("%d records, %v", n, err)
	}
}
