package cli

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/app/config"
)

func serveCommand(version string) *cli.Command {
	c := config.Default()
	return &cli.Command{
		Name:  "serve",
		Usage: "migrate the database, then serve the API",
		Flags: config.ServeFlags(&c),
		Action: func(ctx context.Context, cmd *cli.Command) (err error) {
			tuneCollector()
			logger, err := newLogger(c, cmd.Root().ErrWriter)
			if err != nil {
				return err
			}
			a, err := app.Start(ctx, c, logger, version)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, a.Close()) }()
			if err := a.Welcome(ctx, cmd.Root().Writer); err != nil {
				return err
			}
			logger.Info("serving", "address", a.Addr(), "version", version)
			err = a.Run(ctx)
			logger.Info("stopped")
			return err
		},
	}
}

// newLogger returns the logger that c configures.
func newLogger(c config.Config, w io.Writer) (*slog.Logger, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	level, err := c.Level()
	if err != nil {
		return nil, err
	}
	options := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options)), nil
	}
	return slog.New(slog.NewTextHandler(w, options)), nil
}
