package cli

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/graph"
)

func schemaCommand() *cli.Command {
	return &cli.Command{
		Name:  "schema",
		Usage: "print the GraphQL schema, for code generators",
		Action: func(_ context.Context, cmd *cli.Command) error {
			_, err := fmt.Fprint(cmd.Root().Writer, graph.SDL())
			return err
		},
	}
}
