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

func doctor() *cli.Command {
	c := config.Default()
	return &cli.Command{
		Name:  "doctor",
		Usage: "check the settings and the database, and say what to do",
		Flags: config.ServeFlags(&c),
		Action: func(ctx context.Context, cmd *cli.Command) error {
			out := cmd.Root().Writer
			_, _ = fmt.Fprint(out, c.Dump())
			if err := c.Validate(); err != nil {
				return err
			}
			return withExisting(ctx, c, func(ctx context.Context, house *app.Services) error {
				var failures []error
				for _, check := range house.Checks(c, time.Now()) {
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
					return errors.New("the checks above failed; each says what to do")
				}
				_, _ = fmt.Fprintln(out, "all is well")
				return nil
			})
		},
	}
}
