package cli

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/graph"
)

func schema() *cli.Command {
	return &cli.Command{
		Name:  "schema",
		Usage: "print the GraphQL schema, for code generators",
		Action: func(_ context.Context, cmd *cli.Command) error {
			_, err := fmt.Fprint(cmd.Root().Writer, graph.SDL())
			return err
		},
	}
}

func versionCommand(version string) *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "print the version",
		Action: func(_ context.Context, cmd *cli.Command) error {
			_, err := fmt.Fprintln(cmd.Root().Writer, "tonggao", version)
			return err
		},
	}
}
