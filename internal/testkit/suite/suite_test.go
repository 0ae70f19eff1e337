package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
)

// printed is what go test -cover prints about some packages.
const printed = "ok  \tgithub.com/tonggao/tonggao/graph\t1.2s\tcoverage: 69.9% of statements\n" +
	"\tgithub.com/tonggao/tonggao/cmd/tonggao\t\tcoverage: 0.0% of statements\n" +
	"ok  \tgithub.com/tonggao/tonggao/internal/body\t(cached)\tcoverage: 70.0% of statements\n" +
	"ok  \tgithub.com/tonggao/tonggao/internal\t0.1s\tcoverage: [no statements]\n" +
	"?   \tgithub.com/tonggao/tonggao/internal/store/migrations\t[no test files]\n" +
	"\tgithub.com/tonggao/tonggao/internal/store\t\tcoverage: 0.0% of statements\n" +
	"ok  \tgithub.com/tonggao/tonggao/internal/testkit/effort\t0.1s\tcoverage: 10.0% of statements\n"

// TestCover checks that a package below the minimum is a failure, and only with -cover.
func TestCover(t *testing.T) {
	t.Parallel()
	for flag, want := range map[string]string{
		"-cover": "covered less than 70 % by their own tests:\n 69.9 % graph\n  0.0 % internal/store",
		"":       "<nil>",
	} {
		var out bytes.Buffer
		err := run(t.Context(), &out, os.Environ(), append(strings.Fields(flag+" printf %s"), printed))
		if got := fmt.Sprint(err); got != want {
			t.Errorf("%s: the error is %s", flag, got)
		}
		if !strings.HasPrefix(out.String(), printed) {
			t.Errorf("printed %s", out.String())
		}
	}
}

// TestFailure checks that a failure of the command is one, and that it is printed again.
func TestFailure(t *testing.T) {
	t.Parallel()
	const lines = "ok  \ta\t0.1s\n--- FAIL: TestBad (0.00s)\n    seven is not eight\n    --- FAIL: TestBad/sub (0.00s)\nFAIL\tb\t0.2s\nFAIL\n"
	var out bytes.Buffer
	err := run(t.Context(), &out, os.Environ(), []string{"sh", "-c", `printf '%s' "$0"; exit 3`, lines})
	if err == nil || !strings.HasSuffix(err.Error(), "exit status 3\n--- FAIL: TestBad (0.00s)\n    --- FAIL: TestBad/sub (0.00s)\nFAIL\tb\t0.2s") {
		t.Errorf("the error is %v", err)
	}
	if out.String() != lines {
		t.Errorf("printed %s", out.String())
	}
}

// TestInterrupt checks that an interrupt ends the command.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	err := run(ctx, writer(func([]byte) { interrupt() }), os.Environ(), []string{"sh", "-c", "echo started; exec sleep 1000"})
	if err == nil {
		t.Error("an interrupted run is no error")
	}
}

// writer calls a function with what is written.
type writer func([]byte)

func (w writer) Write(text []byte) (int, error) {
	w(text)
	return len(text), nil
}
