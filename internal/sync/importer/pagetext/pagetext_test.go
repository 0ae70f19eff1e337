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
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/tools/txtar"

	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/sync/importer/pagetext"
)

var update = flag.Bool("update", false, "write what the archives expect")

// TestParse parses the page in every archive of testdata, and compares the result with the
// one stored next to it. A new file is a new case.
func TestParse(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 25 {
		t.Fatalf("%d archives, %v", len(files), err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got := parsed(archive.Files[0].Data)
		if *update {
			archive.Files = append(archive.Files[:1], txtar.File{Name: "parsed", Data: []byte(got)})
			if err := os.WriteFile(file, txtar.Format(archive), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if len(archive.Files) < 2 {
			t.Errorf("%s has no expected result; run with -update and read it", file)
			continue
		}
		if diff := cmp.Diff(string(archive.Files[1].Data), got); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
	}
}

// parsed returns what was parsed of a page, in a form for people: the facts, then the body
// as Markdown; or why it is rejected.
func parsed(page []byte) string {
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
		"subtitle": p.Subtitle, "url": p.Source.URL,
	})
	return b.String() + strings.TrimSpace(render.Markdown(doc)) + "\n"
}

func TestParseEncodings(t *testing.T) {
	t.Parallel()
	archive, err := txtar.ParseFile("testdata/plain.txtar")
	if err != nil {
		t.Fatal(err)
	}
	page, want := archive.Files[0].Data, parsed(archive.Files[0].Data)
	gbk, err := simplifiedchinese.GB18030.NewEncoder().Bytes(page)
	if err != nil {
		t.Fatal(err)
	}
	for name, same := range map[string][]byte{
		"GB18030": gbk, "a byte order mark": append([]byte("\xef\xbb\xbf"), page...),
		"CRLF": bytes.ReplaceAll(page, []byte("\n"), []byte("\r\n")),
	} {
		if diff := cmp.Diff(want, parsed(same)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if _, err := pagetext.Parse(bytes.NewReader(bytes.Repeat([]byte("长"), pagetext.MaxSize))); err == nil {
		t.Error("a page of 12 MiB was read")
	}
}

func TestParseRejects(t *testing.T) {
	t.Parallel()
	for page, want := range map[string]string{
		"": "line 1: there is no breadcrumb",
		"当前位置: 首页 » 行业新闻 » 正文\n标题\xff": "line 2: a character is broken UTF-8",
		"\xff\xfe\x00\x4e\n": "line 1: the page is neither UTF-8 nor GB18030",
	} {
		if got := parsed([]byte(page)); !strings.HasPrefix(got, "rejected: "+want) {
			t.Errorf("%q: got %s", page, got)
		}
	}
}

// FuzzParse checks the invariant of the package: a parsed page has a headline, a date, a
// category and a body that can be stored, and every line of the body is on the page as
// often as in the body; the error of a rejected one names a line that exists.
func FuzzParse(f *testing.F) {
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
			if rejected.Line < 1 || rejected.Line > bytes.Count(page, []byte("\n"))+bytes.Count(page, []byte("\r"))+1 || rejected.Reason == "" {
				t.Errorf("rejected at line %d: %q", rejected.Line, rejected.Reason)
			}
		case err != nil:
			t.Errorf("neither parsed nor rejected: %v", err)
		case p.Title == "" || len(p.CategoryPath) == 0 || p.Views < 0 || p.Comments < 0 || p.Body.Empty() || p.Body.Validate() != nil:
			t.Errorf("parsed in part: %+v", p)
		case utf8.Valid(page):
			onceOnly(t, string(page), p)
		}
	})
}

// onceOnly checks that no line of the body was invented or repeated. A full stop at its
// end may have been after the note on the source.
func onceOnly(t *testing.T, page string, p pagetext.Page) {
	t.Helper()
	rest := norm.NFC.String(visible(page))
	for _, n := range p.Body.Content {
		text := strings.TrimRight(norm.NFC.String(visible(n.Content[0].Text)), ".。")
		_, after, found := strings.Cut(rest, text)
		if !found {
			t.Errorf("the body says %q, which the rest of the page does not", text)
			return
		}
		rest = after
	}
}

// visible returns s without spaces and invisible characters.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsGraphic(r) || unicode.In(r, unicode.Cf, unicode.Variation_Selector) {
			return -1
		}
		return r
	}, s)
}
