package wxr_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/tools/txtar"

	"github.com/tonggao/tonggao/internal/sync/importer/record"
	"github.com/tonggao/tonggao/internal/sync/importer/wxr"
)

var update = flag.Bool("update", false, "write the results into testdata")

// read returns the records of an export, printed.
func read(export string) (string, error) {
	e, err := wxr.Open(strings.NewReader(export), "https://fallback.example")
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("site " + e.Address() + "\n")
	err = e.Records(context.Background(), func(r record.Record) error {
		b.WriteString(record.String(r))
		return nil
	})
	return b.String(), err
}

func fixture(t testing.TB) *txtar.Archive {
	t.Helper()
	a, err := txtar.ParseFile("testdata/site.txtar")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestRecords(t *testing.T) {
	t.Parallel()
	a := fixture(t)
	got, err := read(string(a.Files[0].Data))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		a.Files = append(a.Files[:1], txtar.File{Name: "records", Data: []byte(got)})
		if err := os.WriteFile("testdata/site.txtar", txtar.Format(a), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(a.Files[1].Data), got); diff != "" {
		t.Error(diff)
	}
}

// TestVersions reads the same export with the namespaces of older versions, and without the authors of 1.0.
func TestVersions(t *testing.T) {
	t.Parallel()
	export := string(fixture(t).Files[0].Data)
	want, err := read(export)
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"1.0", "1.1"} {
		got, err := read(strings.ReplaceAll(export, "export/1.2/", "export/"+version+"/"))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", version, err, diff)
		}
	}
	begin, end := strings.Index(export, "<wp:author>"), strings.Index(export, "</wp:author>")
	got, err := read(export[:begin] + export[end+len("</wp:author>"):])
	if err != nil || !strings.Contains(got, "Publisher publisher/lin (author lin)\n  Name: lin\n") {
		t.Errorf("without authors: %v %s", err, got)
	}
}

// TestEncodings reads an export in GBK, and one with characters that XML does not have.
func TestEncodings(t *testing.T) {
	t.Parallel()
	export := string(fixture(t).Files[0].Data)
	want, err := read(export)
	if err != nil {
		t.Fatal(err)
	}
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(strings.Replace(export, `"UTF-8"`, `"gb2312"`, 1))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"GBK": gbk, "control characters": strings.ReplaceAll(export, "素面", "素\x08面\x00\ufffe"), "byte order mark": "\ufeff" + export, "no declaration": export[strings.Index(export, "?>")+2:]} {
		got, err := read(text)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
	if got, err := read(strings.ReplaceAll(export, "素面", "素\xff面")); err != nil || !strings.Contains(got, "素\ufffd面") {
		t.Errorf("bytes that are no UTF-8: %v", err)
	}
}

// TestHostile reads what is no export, damaged, or made to exhaust the reader.
func TestHostile(t *testing.T) {
	t.Parallel()
	export := string(fixture(t).Files[0].Data)
	bomb := `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "渡渡渡渡"><!ENTITY b "&a;&a;&a;&a;">]><rss><channel><item><title>&b;</title></item></channel></rss>`
	for name, c := range map[string]struct{ text, want string }{
		"empty":            {"", "no export of WordPress"},
		"a page":           {"<html><body>渡口</body></html>", "no export of WordPress"},
		"text":             {"渡口", "no export of WordPress"},
		"cut off":          {export[:len(export)*2/3], "damaged or cut off: XML syntax error on line"},
		"cut off in CDATA": {export[:strings.Index(export, "一碗素面")], "damaged or cut off"},
		"entities":         {bomb, "damaged or cut off"},
		"external entity":  {`<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><item><title>&x;</title></item></channel></rss>`, "damaged or cut off"},
		"encoding":         {`<?xml version="1.0" encoding="x-yundu"?><rss></rss>`, "its encoding x-yundu is not known"},
		"wrong nesting":    {"<rss><channel><item></channel></item></rss>", "damaged or cut off"},
	} {
		if _, err := read(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if got, err := read("<rss><channel></channel></rss>"); err != nil || got != "site https://fallback.example\n" {
		t.Errorf("an export of nothing: %q, %v", got, err)
	}
	deep := "<rss><channel><item><wp>" + strings.Repeat("<a>", 20_000) + strings.Repeat("</a>", 20_000) + "</wp></item></channel></rss>"
	if _, err := read(deep); err != nil {
		t.Errorf("elements in 20,000 levels: %v", err)
	}
}

// endless is an item without an end.
type endless struct{ at int64 }

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	if e.at == 0 {
		n = copy(p, "<rss><channel><item><title>")
	}
	for i := n; i < len(p); i++ {
		p[i] = 'a'
	}
	e.at += int64(len(p))
	return len(p), nil
}

func (e *endless) Seek(int64, int) (int64, error) { e.at = 0; return 0, nil }

// TestEndlessItem ends the reading of an item that is too large.
func TestEndlessItem(t *testing.T) {
	t.Parallel()
	if _, err := wxr.Open(&endless{}, ""); err == nil || !strings.Contains(err.Error(), "more than 32 MiB") {
		t.Errorf("an endless item: %v", err)
	}
}

// TestInterrupted ends the reading.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	e, err := wxr.Open(strings.NewReader(string(fixture(t).Files[0].Data)), "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	err = e.Records(ctx, func(record.Record) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := e.Open("/a.png"); !errors.Is(err, record.ErrNoFile) {
		t.Errorf("a file of an export: %v", err)
	}
}

// FuzzRead reads any bytes as an export: as an error or as records with keys.
func FuzzRead(f *testing.F) {
	a := fixture(f)
	f.Add(string(a.Files[0].Data))
	f.Add("<rss><channel><item><post_type>post</post_type><encoded>[gallery][video mp4='a'] http://a/b-1x1.png</encoded></item></channel></rss>")
	f.Fuzz(func(t *testing.T, export string) {
		e, err := wxr.Open(strings.NewReader(export), "")
		if err != nil {
			return
		}
		err = e.Records(context.Background(), func(r record.Record) error {
			if r.Head().Key == "" || r.Head().Where == "" {
				t.Errorf("%s has no key", record.String(r))
			}
			return nil
		})
		if err != nil {
			t.Errorf("the second reading: %v", err)
		}
	})
}

// BenchmarkRead reads an export of 1,000 posts.
func BenchmarkRead(b *testing.B) {
	var text strings.Builder
	text.WriteString(`<rss xmlns:wp="w" xmlns:content="content"><channel>`)
	for i := range 1000 {
		_, _ = fmt.Fprintf(&text, "<item><title>第 %d 班渡船</title><wp:post_id>%d</wp:post_id><wp:post_type>post</wp:post_type><wp:status>publish</wp:status><content:encoded><![CDATA[%s]]></content:encoded></item>", i, i, strings.Repeat("<p>渡船准点，船上有扶手。</p>\n", 60))
	}
	text.WriteString("</channel></rss>")
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		e, err := wxr.Open(strings.NewReader(text.String()), "")
		if err != nil {
			b.Fatal(err)
		}
		if err := e.Records(context.Background(), func(record.Record) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
