package render_test

import (
	"testing"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/terminalcheck"
)

// TestTerminalsAcceptHostileInputs checks every form of the documents that hostile inputs
// become against the rules of the terminals, and that no text is missing.
func TestTerminalsAcceptHostileInputs(t *testing.T) {
	t.Parallel()
	for seed := range uint64(effort.N(400)) {
		kind, input := hostileInput(seed)
		d, err := parse(kind, input)
		if err != nil {
			continue
		}
		for _, on := range terminal.All() {
			accepts(t, d, on)
		}
		if t.Failed() {
			t.Fatalf("seed %d: %s", seed, input)
		}
	}
}

func accepts(t *testing.T, d body.Document, on terminal.Terminal) {
	t.Helper()
	o := render.Options{BaseURL: terminalcheck.Site}
	want := terminalcheck.DocumentText(d, render.Losses(d, on, o))
	page := render.HTML(d, on, o)
	if faults := pageFaults(on, page, terminalcheck.Site); faults != nil {
		t.Errorf("%v: %v\n%s", on, faults, page)
	}
	if got := terminalcheck.HTMLText(page); got != want {
		t.Errorf("%v shows\n%s\nwant\n%s", on, got, want)
	}
	if on != terminal.MiniProgram {
		return
	}
	if faults, got := nodeFaults(render.NodesJSON(render.MiniProgram(d, o))); faults != nil || got != want {
		t.Errorf("nodes: %v\nshow\n%s\nwant\n%s", faults, got, want)
	}
}
