// Withpostgres runs a command with a private PostgreSQL server for all its tests, where
// the server's programs are installed:
//
//	go run ./internal/testkit/withpostgres go test ./...
package main

import (
	"fmt"
	"os"
	"os/exec"

	"github.com/tonggao/tonggao/internal/testkit/pgcluster"
)

func main() {
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := pgcluster.With(os.Stderr, func(env []string) error {
		cmd.Env = env
		return cmd.Run()
	}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
