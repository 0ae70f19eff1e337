package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write the present results into testdata, and the picture of the documentation")

// TestKeep reads every archive in testdata: its first file is HTML, the others are what the
// platform keeps of it and what it removes.
func TestKeep(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) < 3 {
		t.Fatalf("%d archives, %v", len(names), err)
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		content, lost := keep(strings.TrimSpace(string(archive.Files[0].Data)))
		got := []txtar.File{archive.Files[0], {Name: "kept.html", Data: []byte(content + "\n")}, {Name: "lost.txt", Data: []byte(strings.Join(lost, "\n") + "\n")}}
		want := archive.Files
		archive.Files = got
		if *update {
			if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if !bytes.Equal(txtar.Format(archive), txtar.Format(&txtar.Archive{Comment: archive.Comment, Files: want})) {
			t.Errorf("%s: kept\n%s\nlost\n%s\nrun with -update to accept", name, content, strings.Join(lost, "\n"))
		}
		again, more := keep(content)
		more = slices.DeleteFunc(more, func(line string) bool { return strings.HasPrefix(line, "图片在粘贴时") }) // the picture stays, and so does the advice
		if again != content || len(more) > 0 {
			t.Errorf("%s: what is kept is not kept a second time: %v\n%s", name, more, again)
		}
	}
}

// FuzzKeep checks that no active content is kept.
func FuzzKeep(f *testing.F) {
	f.Add(`<section style="color:red"><p>一<a href="https://example.com">二</a></p></section>`)
	f.Add(`<a href="javascript://mp.weixin.qq.com/%0aalert(1)">三</a>`)
	f.Add(`<svg><style><img src=x onerror=alert(1)></style></svg><table><p>三`)
	f.Fuzz(func(t *testing.T, content string) {
		once, _ := keep(content)
		lower := strings.ToLower(once)
		for _, bad := range []string{"<script", "<style", "<iframe", "<svg", "<math", "<!--", `="javascript:`} {
			if strings.Contains(lower, bad) {
				t.Errorf("%q keeps %s: %q", content, bad, once)
			}
		}
	})
}

func TestLimits(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("字", n) }
	address := "https://m.example.cn/a/b"
	fits := article{Title: long(32), Author: new(long(16)), Lead: long(300), URL: &address}
	fits.Body.OfficialAccountParts = []string{long(19_999)}
	if over := draftsOf(&fits, "media")[0].overLimits(); over != nil {
		t.Errorf("a draft within the limits has problems: %v", over)
	}
	relative := "/a/b"
	over := article{Title: long(33), Author: new(long(17)), URL: &relative}
	over.Body.OfficialAccountParts = []string{long(400_000)}
	want := []string{"标题 33 字", "作者 17 字", "正文 400000 个字符", "正文 1200000 字节", "没有“阅读原文”", "没有封面"}
	lines := draftsOf(&over, "")[0].overLimits()
	for i, line := range lines {
		if i >= len(want) || !strings.HasPrefix(line, want[i]) {
			t.Errorf("%s", line)
		}
	}
	if len(lines) != len(want) {
		t.Errorf("%d lines, want %d", len(lines), len(want))
	}
}

// TestDraftIsNotEscaped checks that the JSON of a draft has characters of HTML as they are.
func TestDraftIsNotEscaped(t *testing.T) {
	t.Parallel()
	a := article{Title: "甲&乙", Lead: long128()}
	a.Body.OfficialAccountParts = []string{`<section style="color:#333">一</section>`}
	var b bytes.Buffer
	if err := writeDrafts(&b, draftsOf(&a, "m")); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"甲&乙"`, `<section style=\"color:#333\">一</section>`, strings.Repeat("字", 127) + `…"`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s is not in\n%s", want, b.String())
		}
	}
}

func long128() string { return strings.Repeat("字", 129) }
