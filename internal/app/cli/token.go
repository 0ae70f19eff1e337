package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/api/token"
	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

func tokenCommand() *cli.Command {
	return &cli.Command{
		Name:     "token",
		Usage:    "create, list and revoke access tokens",
		Commands: []*cli.Command{createToken(), listTokens(), revokeToken()},
	}
}

func createToken() *cli.Command {
	c, in := config.Default(), token.CreateInput{}
	var role, ttl string
	return &cli.Command{
		Name:  "create",
		Usage: "create a token; its secret is printed once",
		Flags: []cli.Flag{
			config.DatabaseFlag(&c), config.SecretKeyFlag(&c),
			&cli.StringFlag{Name: "role", Destination: &role, Required: true, Usage: "READER, PUBLISHER, EDITOR, MODERATOR, INTEGRATOR or ADMIN"},
			&cli.StringFlag{Name: "name", Destination: &in.Name, Usage: "a name, for your own use"},
			&cli.StringFlag{Name: "publisher", Destination: &in.Publisher, Usage: "the id of the publisher that a PUBLISHER token writes for"},
			&cli.StringFlag{Name: "ttl", Destination: &ttl, Usage: "how long it is valid, such as 30d or 12h; without it, until it is revoked"},
		},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			in.Role = viewer.Role(strings.ToUpper(role))
			var err error
			if in.TTL, err = parseTTL(ttl); err != nil {
				return err
			}
			return using(ctx, cmd, c, func(ctx context.Context, services *app.Services) error {
				secret, row, err := services.Tokens.Create(ctx, in)
				if err != nil {
					return err
				}
				_, _ = fmt.Fprintln(cmd.Root().Writer, secret)
				_, _ = fmt.Fprintf(cmd.Root().ErrWriter, "%s, role %s. Save the secret now: it is not shown again.\n", row.ID, row.Role)
				return nil
			})
		},
	}
}

// parseTTL parses a duration, which may be in days.
func parseTTL(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	if days, found := strings.CutSuffix(s, "d"); found {
		if n, err := strconv.ParseUint(days, 10, 15); err == nil && n > 0 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return d, nil
	}
	return 0, usage{fmt.Errorf("--ttl %q is not a duration such as 30d or 12h", s)}
}

func listTokens() *cli.Command {
	c := config.Default()
	return &cli.Command{
		Name:  "list",
		Usage: "list tokens, newest first; secrets are not stored",
		Flags: []cli.Flag{config.DatabaseFlag(&c), config.SecretKeyFlag(&c)},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			return using(ctx, cmd, c, func(ctx context.Context, services *app.Services) error {
				list, err := services.Tokens.List(ctx)
				if err != nil {
					return err
				}
				table := tabwriter.NewWriter(cmd.Root().Writer, 0, 0, 2, ' ', 0)
				_, _ = fmt.Fprintln(table, "ID\tROLE\tNAME\tCREATED\tSTATE")
				for _, t := range list {
					state := "valid"
					switch now := services.Store.Clock(); {
					case t.RevokedAt != nil:
						state = "revoked"
					case t.ExpiresAt != nil && *t.ExpiresAt <= now:
						state = "expired"
					case t.ExpiresAt != nil:
						state = "valid until " + t.ExpiresAt.Time().Format(time.DateTime)
					}
					_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", t.ID, t.Role, t.Name, t.CreatedAt.Time().Format(time.DateTime), state)
				}
				return table.Flush()
			})
		},
	}
}

func revokeToken() *cli.Command {
	c := config.Default()
	return &cli.Command{
		Name:      "revoke",
		Usage:     "revoke a token at once",
		ArgsUsage: "ID",
		Flags:     []cli.Flag{config.DatabaseFlag(&c), config.SecretKeyFlag(&c)},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if cmd.Args().Len() != 1 {
				return usage{fmt.Errorf("token revoke needs one ID; `tonggao token list` prints them")}
			}
			return using(ctx, cmd, c, func(ctx context.Context, services *app.Services) error {
				if err := services.Tokens.Revoke(ctx, cmd.Args().First()); err != nil {
					return err
				}
				_, _ = fmt.Fprintln(cmd.Root().Writer, "revoked")
				return nil
			})
		},
	}
}
