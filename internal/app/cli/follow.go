package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/sync/follower"
)

func following() *cli.Command {
	c := config.Default()
	var token, file string
	var once bool
	every := 500 * time.Millisecond // what is taken down there is gone here within a second
	return &cli.Command{
		Name: "follow", ArgsUsage: "URL", Usage: "keep this database the same as another Tonggao, for readers",
		Description: "Needs a token of the other one with the role INTEGRATOR. It may be stopped at any time and goes on where it stopped.\n" +
			"`tonggao serve` may run over the same database at the same time. docs/sync.md says what is brought.",
		Flags: []cli.Flag{
			config.DatabaseFlag(&c), config.SecretKeyFlag(&c),
			&cli.StringFlag{Name: "token", Destination: &token, Sources: cli.EnvVars("TONGGAO_FOLLOW_TOKEN"), Usage: "the token; others on this machine can see flags, so better the variable or the file"},
			&cli.StringFlag{Name: "token-file", Destination: &file, Usage: "a file that holds the token"},
			&cli.BoolFlag{Name: "once", Destination: &once, Usage: "end when the copy has caught up"},
			&cli.DurationFlag{Name: "every", Value: every, Destination: &every, Usage: "how long to wait between two looks when it has caught up"},
		},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if cmd.Args().Len() != 1 {
				return usage{errors.New("follow wants one URL, such as https://news.example.com")}
			}
			if every < 100*time.Millisecond || every > time.Hour {
				return usage{errors.New("--every must lie between 100ms and 1h")}
			}
			token, err := tokenOf(token, file)
			if err != nil {
				return err
			}
			remote, err := follower.NewRemote(cmd.Args().First(), token)
			if err != nil {
				return err
			}
			return withHouse(ctx, c, func(ctx context.Context, house *app.Services) error {
				return followRemote(ctx, cmd.Root().ErrWriter, house, remote, once, every)
			})
		},
	}
}

func tokenOf(token, file string) (string, error) {
	switch {
	case token != "" && file != "":
		return "", usage{errors.New("give --token or --token-file, not both")}
	case file != "":
		text, err := os.ReadFile(file)
		if err != nil {
			return "", usage{fmt.Errorf("cannot read the token: %w", err)}
		}
		token = strings.TrimSpace(string(text))
	}
	if token == "" {
		return "", usage{errors.New("follow wants a token: --token-file FILE, or TONGGAO_FOLLOW_TOKEN; `tonggao token create --role INTEGRATOR` makes one there")}
	}
	return token, nil
}

func followRemote(ctx context.Context, out io.Writer, house *app.Services, remote *follower.Remote, once bool, every time.Duration) error {
	p := newProgress(out, "changes")
	defer p.end()
	done := 0
	f := house.Follower(remote, follower.Options{Every: every,
		Progress: func(n int) { done = n; p.at(n) },
		Trouble: func(err error, wait time.Duration) {
			_, _ = fmt.Fprintf(out, "%v; trying again in %s\n", err, wait.Round(100*time.Millisecond))
		}})
	if !once {
		return f.Run(ctx)
	}
	if err := f.Once(ctx); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "the copy has caught up, after %d changes\n", done)
	return nil
}
