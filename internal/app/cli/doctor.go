package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/app/config"
)

func doctorCommand() *cli.Command {
	c := config.Default()
	return &cli.Command{
		Name:  "doctor",
		Usage: "check the settings and the database, and report how to fix them",
		Flags: config.ServeFlags(&c),
		Action: func(ctx context.Context, cmd *cli.Command) error {
			out := cmd.Root().Writer
			_, _ = fmt.Fprint(out, c.Dump())
			if err := c.Validate(); err != nil {
				return err
			}
			return using(ctx, cmd, c, func(ctx context.Context, services *app.Services) error {
				var failures []error
				for _, check := range services.Checks(c, time.Now()) {
					err := check.Run(ctx)
					if err != nil && check.Mild {
						_, _ = fmt.Fprintf(out, "note  %s: %v\n", check.Name, err)
						continue
					}
					if err != nil {
						_, _ = fmt.Fprintf(out, "FAIL  %s: %v\n", check.Name, err)
						failures = append(failures, err)
						continue
					}
					_, _ = fmt.Fprintf(out, "ok    %s\n", check.Name)
				}
				if len(failures) > 0 {
					return errors.New("some checks failed; see above how to fix them")
				}
				_, _ = fmt.Fprintln(out, "all checks passed")
				return nil
			})
		},
	}
}
