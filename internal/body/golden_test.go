package body_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/tools/txtar"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/htmlin"
	"github.com/tonggao/tonggao/internal/body/mdin"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/testkit/terminalcheck"
)

var update = flag.Bool("update", false, "write the present output to testdata")

// TestGolden reads every archive in testdata: the first file is the input, the others are
// the expected forms. A new case is a new file with an input, and one run with -update.
func TestGolden(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) < 60 {
		t.Fatalf("%d archives, %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			golden(t, name)
		})
	}
}

func golden(t *testing.T, name string) {
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	input := archive.Files[0]
	d, err := read(input)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Validate(); err != nil {
		t.Fatal(err)
	}
	forms := formsOf(d)
	if *update {
		archive.Files = append([]txtar.File{input}, forms...)
		if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if len(archive.Files) != len(forms)+1 {
		t.Fatalf("%d forms in the archive, want %d: run with -update", len(archive.Files)-1, len(forms))
	}
	for i, want := range archive.Files[1:] {
		if got := forms[i]; got.Name != want.Name || !bytes.Equal(got.Data, want.Data) {
			t.Errorf("%s\n got %s\nwant %s", want.Name, got.Data, want.Data)
		}
	}
	judge(t, d)
}

func read(input txtar.File) (body.Document, error) {
	text := string(input.Data)
	switch input.Name {
	case "input.html":
		return htmlin.ParseAt(text, "https://old.example.cn/news/2019/1.html")
	case "input.gbk.html":
		raw, err := simplifiedchinese.GBK.NewEncoder().Bytes(input.Data)
		if err != nil {
			return body.Document{}, err
		}
		if text, err = htmlin.Decode(raw, "text/html"); err != nil {
			return body.Document{}, err
		}
		return htmlin.Parse(text)
	case "input.wordpress.html":
		return htmlin.WordPress(text, "https://old.example.cn/")
	case "input.md":
		return mdin.Parse(text)
	case "input.json":
		return body.Parse(input.Data)
	}
	return body.Document{}, fmt.Errorf("unknown input %s", input.Name)
}

var golds = render.Options{BaseURL: terminalcheck.Site}

func formsOf(d body.Document) []txtar.File {
	document, _ := json.MarshalIndent(d, "", " ")
	nodes, _ := json.MarshalIndent(render.MiniProgram(d, golds), "", " ")
	var losses strings.Builder
	for _, terminal := range terminal.All() {
		for _, l := range render.Losses(d, terminal, golds) {
			fmt.Fprintf(&losses, "%v %s %s: %s; instead: %s\n", terminal, l.Kind, l.Path, l.Reason.English, l.Instead.English)
		}
	}
	form := func(name, text string) txtar.File {
		if text != "" && !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		return txtar.File{Name: name, Data: []byte(text)}
	}
	return []txtar.File{
		form("document.json", string(document)),
		form("web.html", render.HTML(d, terminal.Web, golds)),
		form("wap.html", render.HTML(d, terminal.WAP, golds)),
		form("mini_program.json", string(nodes)),
		form("official_account.html", render.HTML(d, terminal.OfficialAccount, golds)),
		form("app.md", render.Markdown(d)),
		form("feed.html", render.HTML(d, terminal.Feed, golds)),
		form("text.txt", render.Text(d)),
		form("excerpt.txt", render.Excerpt(d, 40)),
		form("losses.txt", losses.String()),
	}
}

// judge checks the text of all forms with package terminalcheck, independently of the
// archive. The tests of render check them against the rules of the terminals.
func judge(t *testing.T, d body.Document) {
	for _, on := range terminal.All() {
		page := render.HTML(d, on, golds)
		want := terminalcheck.DocumentText(d, render.Losses(d, on, golds))
		if got := terminalcheck.HTMLText(page); got != want {
			t.Errorf("%v shows\n%s\nwant\n%s", on, got, want)
		}
	}
	again, err := htmlin.Parse(render.HTML(d, terminal.Web, render.Options{}))
	if err != nil || render.HTML(again, terminal.Web, golds) != render.HTML(d, terminal.Web, golds) {
		t.Errorf("the page reads back to another one: %v", err)
	}
}
