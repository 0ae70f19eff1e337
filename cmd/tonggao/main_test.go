package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tonggao": main})
}

// TestMainExits runs the program and checks its output and its exit code.
func TestMainExits(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{Files: []string{"testdata/main.txtar"}})
}
