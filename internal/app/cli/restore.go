package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/store"
)

func restoreCommand() *cli.Command {
	c := config.Default()
	return &cli.Command{
		Name: "restore", Usage: "replace the embedded database with a backup; the old database is kept", ArgsUsage: "FILE",
		Flags: []cli.Flag{config.DatabaseFlag(&c)},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if cmd.Args().Len() != 1 {
				return usage{errors.New("restore needs the name of one backup")}
			}
			aside, err := store.Restore(ctx, c.Database, cmd.Args().First(), time.Now())
			if err != nil {
				return err
			}
			nameDatabase(cmd.Root().ErrWriter, c, false)
			_, _ = fmt.Fprintln(cmd.Root().Writer, "restored", cmd.Args().First())
			if aside != "" {
				_, _ = fmt.Fprintln(cmd.Root().Writer, "the old database is kept as", aside)
			}
			return nil
		},
	}
}
