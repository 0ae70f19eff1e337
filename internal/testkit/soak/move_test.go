package soak_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestResume interrupts an export and an import, with SIGKILL and SIGINT in turn, at random
// moments, and resumes them: the result is that of an export and an import in one go.
func TestResume(t *testing.T) {
	t.Parallel()
	from := newProgram(t, storetest.SQLiteURL(t))
	from.command(t, "generate", "--articles", "150")
	to := newProgram(t, storetest.SQLiteURL(t))
	dir := t.TempDir()
	whole, pieces, back := filepath.Join(dir, "whole"), filepath.Join(dir, "pieces"), filepath.Join(dir, "back")
	from.command(t, "export", "--output", whole)
	random := rand.New(rand.NewPCG(seed, 3))
	exports := from.interrupted(t, random, "export", "--output", pieces, "--resume")
	if !bytes.Equal(content(t, whole), content(t, pieces)) {
		t.Error("an export in pieces is another than in one go")
	}
	imports := to.interrupted(t, random, "import", "--format", "ndjson", "--resume", whole)
	to.command(t, "export", "--output", back)
	if !bytes.Equal(content(t, whole), content(t, back)) {
		t.Error("what was imported in pieces is another than what was exported")
	}
	t.Logf("%d exports and %d imports were interrupted", exports, imports)
}

// interrupted runs a command repeatedly, and interrupts it later each time, until one run
// has ended before it was interrupted.
func (p *program) interrupted(t *testing.T, random *rand.Rand, args ...string) (times int) {
	t.Helper()
	for latest := 60 * time.Millisecond; ; latest += latest / 8 {
		var errs bytes.Buffer
		cmd := p.process(args...)
		cmd.Stderr = &errs
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("%v: %v\n%s", args, err, errs.String())
			}
			return times
		case <-time.After(time.Duration(random.Int64N(int64(latest)))):
		}
		signal := os.Kill
		if times%2 == 1 {
			signal = os.Interrupt
		}
		_ = cmd.Process.Signal(signal) // it may have ended already
		if err := <-ended; err == nil {
			return times
		} else if signal == os.Interrupt && !strings.Contains(err.Error(), "signal") && !strings.Contains(errs.String(), "interrupted") {
			t.Fatalf("%v: %v\n%s", args, err, errs.String())
		}
		times++
	}
}

func content(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
