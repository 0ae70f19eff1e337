package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/store"
)

func backupCommand() *cli.Command {
	c := config.Default()
	return &cli.Command{
		Name: "backup", Usage: "copy the embedded database to a new file, while it is in use", ArgsUsage: "FILE",
		Flags: []cli.Flag{config.DatabaseFlag(&c)},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if cmd.Args().Len() != 1 {
				return usage{errors.New("backup needs the name of one new file")}
			}
			if err := store.Backup(ctx, c.Database, cmd.Args().First()); err != nil {
				return err
			}
			nameDatabase(cmd.Root().ErrWriter, c, false)
			_, _ = fmt.Fprintln(cmd.Root().Writer, "written to", cmd.Args().First())
			return nil
		},
	}
}
