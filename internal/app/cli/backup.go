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

func backup() *cli.Command {
	c := config.Default()
	return &cli.Command{
		Name: "backup", Usage: "copy the embedded database to a new file, while it is in use", ArgsUsage: "FILE",
		Flags: []cli.Flag{config.DatabaseFlag(&c)},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if cmd.Args().Len() != 1 {
				return usage{errors.New("backup wants the name of one new file")}
			}
			if err := store.Backup(ctx, c.Database, cmd.Args().First()); err != nil {
				return err
			}
			_, _ = fmt.Fprintln(cmd.Root().Writer, "written to", cmd.Args().First())
			return nil
		},
	}
}

func restore() *cli.Command {
	c := config.Default()
	return &cli.Command{
		Name: "restore", Usage: "put a backup in the place of the embedded database, which is set aside", ArgsUsage: "FILE",
		Flags: []cli.Flag{config.DatabaseFlag(&c)},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if cmd.Args().Len() != 1 {
				return usage{errors.New("restore wants the name of one backup")}
			}
			aside, err := store.Restore(ctx, c.Database, cmd.Args().First(), time.Now())
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintln(cmd.Root().Writer, "restored", cmd.Args().First())
			if aside != "" {
				_, _ = fmt.Fprintln(cmd.Root().Writer, "the old database is kept as", aside)
			}
			return nil
		},
	}
}
