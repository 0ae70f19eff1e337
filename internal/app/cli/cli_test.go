package cli_test

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tonggao/tonggao/internal/app/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"tonggao": func() { os.Exit(cli.Run(os.Args, os.Stdin, os.Stdout, os.Stderr, "v0.0.0-test")) },
	})
}

// TestScripts runs what people type: each file in testdata/script is one story.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{Dir: "testdata/script", RequireExplicitExec: true})
}
