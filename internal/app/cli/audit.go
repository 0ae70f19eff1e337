package cli

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/app/config"
)

func auditCommand() *cli.Command {
	c := config.Default()
	return &cli.Command{
		Name:  "audit",
		Usage: "verify the audit log of what the staff did",
		Commands: []*cli.Command{{
			Name: "verify", Usage: "check that no entry was changed, added or removed, and print the head of the hash chain",
			Flags: []cli.Flag{config.DatabaseFlag(&c), config.SecretKeyFlag(&c)},
			Action: func(ctx context.Context, cmd *cli.Command) error {
				return using(ctx, cmd, c, func(ctx context.Context, services *app.Services) error {
					progress := newProgress(cmd.Root().ErrWriter, "entries")
					head, err := services.Audit.Verify(ctx, func(entries int64) { progress.at(int(entries)) })
					progress.end()
					if err != nil {
						return err
					}
					_, _ = fmt.Fprintf(cmd.Root().Writer, "sound, head %s\n", head)
					return nil
				})
			},
		}},
	}
}
