package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/store"
)

func restoreCommand() *cli.Command {
	c := config.Default()
	return &cli.Command{
		Name: "restore", Usage: "replace the embedded database with a backup; the old database is kept", ArgsUsage: "FILE",
		Flags: []cli.Flag{config.DatabaseFlag(&c), config.SecretKeyFlag(&c)},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if cmd.Args().Len() != 1 {
				return usage{errors.New("restore needs the name of one backup")}
			}
			aside, err := store.Restore(ctx, c.Database, cmd.Args().First(), time.Now())
			if err != nil {
				return err
			}
			nameDatabase(cmd.Root().ErrWriter, c, false)
			out := cmd.Root().Writer
			_, _ = fmt.Fprintln(out, "restored", cmd.Args().First())
			if aside != "" {
				_, _ = fmt.Fprintln(out, "the old database is kept as", aside)
			}
			if sum, err := store.Checksum(cmd.Args().First()); err == nil && sum == "" {
				_, _ = fmt.Fprintf(out, "note: there is no %s%s, so the content of the backup was not compared with its checksum\n", cmd.Args().First(), store.ChecksumSuffix)
			}
			key := strings.TrimPrefix(c.Database, "sqlite:") + ".key"
			if _, err := os.Stat(key); c.SecretKey == "" && errors.Is(err, os.ErrNotExist) {
				_, _ = fmt.Fprintf(out, "WARNING: the key file %s is missing: secrets and personal data of the backup cannot be decrypted. "+
					"Put the key file that belongs to it there, or set TONGGAO_SECRET_KEY, before you start the program\n", key)
			}
			return nil
		},
	}
}
