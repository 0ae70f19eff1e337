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

func persons() *cli.Command {
	return &cli.Command{
		Name:     "person",
		Usage:    "what is kept of a person: hand it out, erase it",
		Commands: []*cli.Command{exportPerson(), erasePerson()},
	}
}

// whose is the person that a command is about: a reader by the id of the token, or a
// reporter by the receipt.
type whose struct{ receipt string }

func (w *whose) flag() cli.Flag {
	return &cli.StringFlag{Name: "receipt", Destination: &w.receipt, Usage: "of whoever filed the report with this receipt, instead of a reader's token"}
}

// read is the token's id or the receipt; one of them is empty.
func (w *whose) read(cmd *cli.Command) (tokenID, receipt string, err error) {
	if (cmd.Args().Len() == 1) == (w.receipt != "") || cmd.Args().Len() > 1 {
		return "", "", usage{fmt.Errorf("%s wants the id of a reader's token, or --receipt; `tonggao token list` shows the ids", cmd.FullName())}
	}
	if w.receipt == "" {
		return cmd.Args().First(), "", nil
	}
	receipt, ok := receipts.Receipt(w.receipt)
	if !ok {
		return "", "", fault.New(fault.BadUserInput, "--receipt: %.40q is no receipt; one looks like R-7KQ2-M9XD-4T8P-WZ3N", w.receipt)
	}
	return "", receipt, nil
}

func exportPerson() *cli.Command {
	c, w := config.Default(), &whose{}
	return &cli.Command{
		Name: "export", Usage: "print all that is kept of a reader or a reporter, as JSON, for them", ArgsUsage: "[TOKEN-ID]",
		Flags: []cli.Flag{config.DatabaseFlag(&c), config.SecretKeyFlag(&c), w.flag()},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			tokenID, receipt, err := w.read(cmd)
			if err != nil {
				return err
			}
			return withExisting(ctx, c, func(ctx context.Context, house *app.Services) error {
				var is *privacy.Copy
				if receipt != "" {
					is, err = house.Privacy.CopyOfReport(ctx, receipt)
				} else {
					is, err = house.Privacy.CopyOf(ctx, tokenID)
				}
				if err != nil {
					return err
				}
				out := json.NewEncoder(cmd.Root().Writer)
				out.SetEscapeHTML(false)
				out.SetIndent("", "  ")
				return out.Encode(is)
			})
		},
	}
}

func erasePerson() *cli.Command {
	c, w, sure := config.Default(), &whose{}, false
	return &cli.Command{
		Name: "erase", Usage: "erase a reader with all comments, or who filed a closed report; it cannot be undone", ArgsUsage: "[TOKEN-ID]",
		Flags: []cli.Flag{config.DatabaseFlag(&c), config.SecretKeyFlag(&c), w.flag(),
			&cli.BoolFlag{Name: "yes", Destination: &sure, Usage: "really"}},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			tokenID, receipt, err := w.read(cmd)
			if err != nil {
				return err
			}
			if !sure {
				return usage{errors.New("what is erased does not come back; hand out `tonggao person export` first, then say --yes")}
			}
			return withExisting(ctx, c, func(ctx context.Context, house *app.Services) error {
				out := cmd.Root().Writer
				if receipt != "" {
					if err := house.Privacy.ForgetReporter(ctx, receipt); err != nil {
						return err
					}
					_, _ = fmt.Fprintln(out, "erased who filed the report")
					return nil
				}
				f, err := house.Privacy.Forget(ctx, tokenID)
				if err != nil {
					return err
				}
				_, _ = fmt.Fprintf(out, "erased the token's name and %d comments\n", f.Comments)
				if len(f.Held) > 0 {
					_, _ = fmt.Fprintf(out, "left, as they are taken down or reported: %s\nRun this again when that is over.\n", strings.Join(f.Held, " "))
				}
				return nil
			})
		},
	}
}
