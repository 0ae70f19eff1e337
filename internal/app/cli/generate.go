package cli

import (
	"context"
	"errors"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/app/loadgen"
)

func generateCommand() *cli.Command {
	c, o := config.Default(), loadgen.Options{Seed: 1}
	return &cli.Command{
		Name: "generate", Usage: "fill an empty database with synthetic content for load tests",
		Flags: []cli.Flag{
			config.DatabaseFlag(&c), config.SecretKeyFlag(&c),
			&cli.IntFlag{Name: "articles", Required: true, Destination: &o.Articles, Usage: "number of articles"},
			&cli.Uint64Flag{Name: "seed", Value: o.Seed, Destination: &o.Seed, Usage: "the same seed generates the same content"},
		},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if o.Articles < 1 {
				return usage{errors.New("--articles must be at least 1")}
			}
			return creating(ctx, cmd, c, func(ctx context.Context, services *app.Services) error {
				empty, err := services.Empty(ctx)
				if err != nil {
					return err
				}
				if !empty {
					return usage{errors.New("the database is not empty; name a new one with --database sqlite:PATH")}
				}
				p := newProgress(cmd.Root().ErrWriter, "articles")
				p.total = o.Articles
				defer p.end()
				return loadgen.Run(ctx, services.Store, o, p.at)
			})
		},
	}
}
