package cli

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/app/config"
)

func changesCommand() *cli.Command {
	c := config.Default()
	return &cli.Command{
		Name:  "changes",
		Usage: "manage the change log",
		Commands: []*cli.Command{{
			Name: "start-over", Usage: "make every reader of the change log copy it again; after pg_restore, or a failover that lost writes",
			Flags: []cli.Flag{config.DatabaseFlag(&c)},
			Action: func(ctx context.Context, cmd *cli.Command) error {
				return using(ctx, cmd, c, func(ctx context.Context, services *app.Services) error {
					if err := services.Log.StartOver(ctx); err != nil {
						return err
					}
					_, _ = fmt.Fprintln(cmd.Root().Writer, "cursors that were issued until now are refused: their holders start over")
					return nil
				})
			},
		}},
	}
}
