// Cluster runs a command with one PostgreSQL server for all its tests, where the
// server's programs are installed:
//
//	go run ./internal/testkit/storetest/cluster go test ./...
package main

import (
	"fmt"
	"os"
	"os/exec"

	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

func main() {
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = os.Environ()
	cluster, err := storetest.StartCluster()
	if err != nil {
		fmt.Fprintf(os.Stderr, "engines: sqlite only: %v\n", err)
	} else {
		fmt.Fprintln(os.Stderr, "engines: sqlite and postgres")
		cmd.Env = append(cmd.Env, "TONGGAO_TEST_POSTGRES="+cluster.DSN)
	}
	err = cmd.Run()
	if cluster != nil {
		if stop := cluster.Stop(); stop != nil {
			fmt.Fprintf(os.Stderr, "stop PostgreSQL: %v\n", stop)
		}
	}
	if err != nil {
		os.Exit(1)
	}
}
