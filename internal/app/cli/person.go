package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/moderation/privacy"
	receipts "github.com/tonggao/tonggao/internal/moderation/report"
)

func personCommand() *cli.Command {
	return &cli.Command{
		Name:     "person",
		Usage:    "export or erase the personal data of a reader or reporter",
		Commands: []*cli.Command{exportPerson(), erasePerson()},
	}
}

// A subject is the person that a command is about: a reader by the ID of the token, or a
// reporter by the receipt.
type subject struct{ receipt string }

func (s *subject) flag() cli.Flag {
	return &cli.StringFlag{Name: "receipt", Destination: &s.receipt, Usage: "the reporter with this receipt, instead of a reader's token"}
}

// read returns the token's ID or the receipt; the other one is empty.
func (s *subject) read(cmd *cli.Command) (tokenID, receipt string, err error) {
	if (cmd.Args().Len() == 1) == (s.receipt != "") || cmd.Args().Len() > 1 {
		return "", "", usage{fmt.Errorf("%s needs the ID of a reader's token, or --receipt; `tonggao token list` prints the IDs", cmd.FullName())}
	}
	if s.receipt == "" {
		return cmd.Args().First(), "", nil
	}
	receipt, ok := receipts.Receipt(s.receipt)
	if !ok {
		return "", "", fault.New(fault.BadUserInput, "--receipt: %.40q is not a receipt; one looks like R-7KQ2-M9XD-4T8P-WZ3N", s.receipt)
	}
	return "", receipt, nil
}

func exportPerson() *cli.Command {
	c, who := config.Default(), &subject{}
	return &cli.Command{
		Name: "export", Usage: "print the personal data of a reader or a reporter as JSON", ArgsUsage: "[TOKEN-ID]",
		Flags: []cli.Flag{config.DatabaseFlag(&c), config.SecretKeyFlag(&c), who.flag()},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			tokenID, receipt, err := who.read(cmd)
			if err != nil {
				return err
			}
			return using(ctx, cmd, c, func(ctx context.Context, services *app.Services) error {
				var data *privacy.Export
				if receipt != "" {
					data, err = services.Privacy.ExportReporter(ctx, receipt)
				} else {
					data, err = services.Privacy.ExportReader(ctx, tokenID)
				}
				if err != nil {
					return err
				}
				out := json.NewEncoder(cmd.Root().Writer)
				out.SetEscapeHTML(false)
				out.SetIndent("", "  ")
				return out.Encode(data)
			})
		},
	}
}

func erasePerson() *cli.Command {
	c, who, sure := config.Default(), &subject{}, false
	return &cli.Command{
		Name: "erase", Usage: "erase a reader with all comments, or the reporter of a closed report; it cannot be undone", ArgsUsage: "[TOKEN-ID]",
		Flags: []cli.Flag{config.DatabaseFlag(&c), config.SecretKeyFlag(&c), who.flag(),
			&cli.BoolFlag{Name: "yes", Destination: &sure, Usage: "confirm the erasure"}},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			tokenID, receipt, err := who.read(cmd)
			if err != nil {
				return err
			}
			if !sure {
				return usage{errors.New("erasure cannot be undone; save the output of `tonggao person export` first if it is needed, then add --yes")}
			}
			return using(ctx, cmd, c, func(ctx context.Context, services *app.Services) error {
				out := cmd.Root().Writer
				if receipt != "" {
					if err := services.Privacy.EraseReporter(ctx, receipt); err != nil {
						return err
					}
					_, _ = fmt.Fprintln(out, "erased the reporter")
					return nil
				}
				f, err := services.Privacy.EraseReader(ctx, tokenID)
				if err != nil {
					return err
				}
				_, _ = fmt.Fprintf(out, "erased the token's name and %d comments\n", f.Comments)
				if len(f.Held) > 0 {
					_, _ = fmt.Fprintf(out, "kept, because they are taken down or reported: %s\nRun this again when those cases are closed.\n", strings.Join(f.Held, " "))
				}
				return nil
			})
		},
	}
}
