// Tonggao 通稿 is a headless content API: one article, every terminal.
package main

import (
	"os"

	"github.com/tonggao/tonggao/internal/app/cli"
)

var version = "dev" // set by the build

func main() {
	os.Exit(cli.Run(os.Args, os.Stdin, os.Stdout, os.Stderr, version))
}
