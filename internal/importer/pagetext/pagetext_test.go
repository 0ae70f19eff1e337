package pagetext_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/tools/txtar"

	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/importer/pagetext"
)

var update = flag.Bool("update", false, "write what the archives expect")

// TestPages reads every archive in testdata: the page as a portal prints it, and
// what is understood of it. Adding a case is adding a file.
func TestPages(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d archives, %v", len(files), err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got := understood(archive.Files[0].Data)
		if *update {
			archive.Files = append(archive.Files[:1], txtar.File{Name: "understood", Data: []byte(got)})
			if err := os.WriteFile(file, txtar.Format(archive), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if len(archive.Files) < 2 {
			t.Errorf("%s says not what it expects; run with -update and read it", file)
			continue
		}
		if diff := cmp.Diff(string(archive.Files[1].Data), got); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
	}
}

// understood is what is read of a page, for people: the facts, then the body as
// Markdown; or why it is rejected.
func understood(page []byte) string {
	p, err := pagetext.Parse(bytes.NewReader(page))
	if err != nil {
		return "rejected: " + err.Error() + "\n"
	}
	var b strings.Builder
	facts := json.NewEncoder(&b)
	facts.SetEscapeHTML(false)
	facts.SetIndent("", "  ")
	doc := p.Body
	_ = facts.Encode(map[string]any{
		"category": p.CategoryPath, "title": p.Title, "lead": p.Lead, "author": p.Author, "publisher": p.Publisher,
		"ip": p.OriginIP, "published": p.PublishedAt, "views": p.Views, "comments": p.Comments, "source": p.Source.Name,
	})
	return b.String() + strings.TrimSpace(render.Markdown(doc)) + "\n"
}

func TestOtherEncodings(t *testing.T) {
	t.Parallel()
	archive, err := txtar.ParseFile("testdata/plain.txtar")
	if err != nil {
		t.Fatal(err)
	}
	page, want := archive.Files[0].Data, understood(archive.Files[0].Data)
	gbk, err := simplifiedchinese.GB18030.NewEncoder().Bytes(page)
	if err != nil {
		t.Fatal(err)
	}
	for name, same := range map[string][]byte{
		"GB18030": gbk, "a byte order mark": append([]byte("\xef\xbb\xbf"), page...),
		"CRLF": bytes.ReplaceAll(page, []byte("\n"), []byte("\r\n")),
	} {
		if diff := cmp.Diff(want, understood(same)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if _, err := pagetext.Parse(bytes.NewReader(bytes.Repeat([]byte("长"), pagetext.MaxSize))); err == nil {
		t.Error("a page of 12 MiB was read")
	}
}

// FuzzPages holds the parser to its promise: a page that is understood has a
// headline, a date, a category and a body that can be stored; a rejected one
// names a line that it has.
func FuzzPages(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, file := range files {
		if archive, err := txtar.ParseFile(file); err == nil {
			f.Add(archive.Files[0].Data)
		}
	}
	f.Fuzz(func(t *testing.T, page []byte) {
		p, err := pagetext.Parse(bytes.NewReader(page))
		var rejected *pagetext.Error
		switch {
		case errors.As(err, &rejected):
			if rejected.Line < 1 || rejected.Line > bytes.Count(page, []byte("\n"))+1 || rejected.Reason == "" {
				t.Errorf("rejected at line %d: %q", rejected.Line, rejected.Reason)
			}
		case err != nil:
			t.Errorf("neither read nor rejected: %v", err)
		case p.Title == "" || p.PublishedAt == 0 && !bytes.Contains(page, []byte("1970")) || len(p.CategoryPath) == 0 || p.Body.Empty() || p.Body.Validate() != nil:
			t.Errorf("half understood: %+v", p)
		}
	})
}
