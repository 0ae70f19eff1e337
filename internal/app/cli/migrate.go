package cli

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/store"
)

func migrateCommand() *cli.Command {
	c := config.Default()
	flags := []cli.Flag{config.DatabaseFlag(&c), config.SecretKeyFlag(&c)}
	return &cli.Command{
		Name:  "migrate",
		Usage: "migrate the database schema; serve does it automatically",
		Commands: []*cli.Command{{
			Name: "up", Usage: "apply pending migrations", Flags: flags,
			Action: func(ctx context.Context, cmd *cli.Command) error {
				return creating(ctx, cmd, c, func(context.Context, *app.Services) error {
					_, _ = fmt.Fprintln(cmd.Root().Writer, "the schema is up to date")
					return nil
				})
			},
		}, {
			Name: "status", Usage: "list migrations and their state", Flags: flags,
			Action: func(ctx context.Context, cmd *cli.Command) error {
				list, err := store.Migrations(ctx, c.Database)
				if err != nil {
					return err
				}
				nameDatabase(cmd.Root().ErrWriter, c, false)
				for _, m := range list {
					state := "pending"
					if m.Applied {
						state = "applied"
					}
					_, _ = fmt.Fprintf(cmd.Root().Writer, "%-8s %s\n", state, m.Name)
				}
				return nil
			},
		}},
	}
}
