package render_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/testkit/docgen"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/terminalcheck"
)

// TestEveryTerminalShowsEveryDocument checks generated documents; `make documents` checks
// 100,000 of them.
func TestEveryTerminalShowsEveryDocument(t *testing.T) {
	t.Parallel()
	documents := effort.N(400)
	workers := runtime.GOMAXPROCS(0)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for seed := w; seed < documents && !t.Failed(); seed += workers {
				if fault := faultOf(uint64(seed)); fault != "" {
					t.Errorf("seed %d: %s", seed, fault)
				}
			}
		})
	}
	wait.Wait()
}

// faultOf renders the document of a seed for every terminal, with various options, and
// returns the first fault.
func faultOf(seed uint64) string {
	d := docgen.Document(seed)
	options := []render.Options{{BaseURL: terminalcheck.Site}}
	if seed%8 == 0 {
		options = append(options, render.Options{})
	}
	if seed%4 == 1 {
		options = append(options, render.Options{BaseURL: terminalcheck.Site, Labels: []string{"本文由人工智能生成", "广告"}})
	}
	for _, o := range options {
		for _, t := range terminal.All() {
			if fault := faultOn(d, t, o); fault != "" {
				return fmt.Sprintf("%v, base %q: %s", t, o.BaseURL, fault)
			}
		}
	}
	return ""
}

func faultOn(d body.Document, t terminal.Terminal, o render.Options) string {
	want := terminalcheck.DocumentText(d, render.Losses(d, t, o))
	if o.Labels != nil {
		want = "【本文由人工智能生成】【广告】" + want
	}
	page := render.HTML(d, t, o)
	site, reader := o.BaseURL, t
	if t == terminal.App && o.BaseURL == "" {
		reader = terminal.Web // the application completes the addresses itself
	}
	if site == "" {
		site = "none:"
	}
	if faults := pageFaults(reader, page, site); faults != nil {
		return strings.Join(faults, "\n") + "\n" + page
	}
	if got := terminalcheck.HTMLText(page); got != want {
		return "text\nwant " + want + "\n got " + got + "\n" + page
	}
	if t != terminal.MiniProgram {
		return ""
	}
	data := render.NodesJSON(render.MiniProgram(d, o))
	faults, got := nodeFaults(data)
	if faults != nil || got != want {
		return strings.Join(faults, "\n") + "\nwant " + want + "\n got " + got + "\n" + string(data)
	}
	return ""
}

// TestTerminalsAcceptGoldenDocuments checks the documents of the golden tests, which were
// read from all formats, against the rules of the terminals.
func TestTerminalsAcceptGoldenDocuments(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../testdata/*.txtar")
	if err != nil || len(names) < 60 {
		t.Fatalf("%d archives, %v", len(names), err)
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		d, err := body.Parse(archive.Files[1].Data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, on := range terminal.All() {
			if fault := faultOn(d, on, render.Options{BaseURL: terminalcheck.Site}); fault != "" {
				t.Errorf("%s on %v: %s", name, on, fault)
			}
		}
	}
}
