package cli

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/app/config"
)

func auditing() *cli.Command {
	c := config.Default()
	return &cli.Command{
		Name:  "audit",
		Usage: "the record of what people with power did",
		Commands: []*cli.Command{{
			Name: "verify", Usage: "check that no line was changed, put in or taken out, and print the head of the chain",
			Flags: []cli.Flag{config.DatabaseFlag(&c), config.SecretKeyFlag(&c)},
			Action: func(ctx context.Context, cmd *cli.Command) error {
				return withExisting(ctx, c, func(ctx context.Context, house *app.Services) error {
					p := newProgress(cmd.Root().ErrWriter, "lines")
					head, err := house.Audit.Verify(ctx, func(lines int64) { p.at(int(lines)) })
					p.end()
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
