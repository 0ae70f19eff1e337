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
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/sync/follower"
)

func followCommand() *cli.Command {
	c := config.Default()
	var token, file string
	var once bool
	every := 500 * time.Millisecond // a takedown reaches the copy within a second
	return &cli.Command{
		Name: "follow", ArgsUsage: "URL", Usage: "replicate another Tonggao into this database, for readers",
		Description: "Needs a token of the other installation with the role INTEGRATOR. It can be stopped at any time and resumes from there.\n" +
			"`tonggao serve` may use the same database at the same time. docs/sync.md lists what is replicated.",
		Flags: []cli.Flag{
			config.DatabaseFlag(&c), config.SecretKeyFlag(&c),
			&cli.StringFlag{Name: "token", Destination: &token, Sources: cli.EnvVars("TONGGAO_FOLLOW_TOKEN"), Usage: "the token; other users of this machine can read flags, so prefer the variable or the file"},
			&cli.StringFlag{Name: "token-file", Destination: &file, Usage: "a file with the token"},
			&cli.BoolFlag{Name: "once", Destination: &once, Usage: "exit when the copy has caught up"},
			&cli.DurationFlag{Name: "every", Value: every, Destination: &every, Usage: "polling interval when the copy has caught up"},
		},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if cmd.Args().Len() != 1 {
				return usage{errors.New("follow needs one URL, such as https://news.example.com")}
			}
			if every < 100*time.Millisecond || every > time.Hour {
				return usage{errors.New("--every must be between 100ms and 1h")}
			}
			token, err := readToken(token, file)
			if err != nil {
				return err
			}
			remote, err := follower.NewRemote(cmd.Args().First(), token)
			if err != nil {
				return err
			}
			return using(ctx, cmd, c, func(ctx context.Context, services *app.Services) error {
				return followRemote(ctx, cmd.Root().ErrWriter, services, remote, once, every)
			})
		},
	}
}

// readToken returns the token of the flag or of the file.
func readToken(token, file string) (string, error) {
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
		return "", usage{errors.New("follow needs a token: --token-file FILE or TONGGAO_FOLLOW_TOKEN; create it on the other installation with `tonggao token create --role INTEGRATOR`")}
	}
	return token, nil
}

// followRemote replicates remote until ctx ends, or once. It writes page by page, so it is
// background work: it notices a frozen database soon, and tries again.
func followRemote(ctx context.Context, out io.Writer, services *app.Services, remote *follower.Remote, once bool, every time.Duration) error {
	ctx = store.Background(ctx)
	p := newProgress(out, "changes")
	defer p.end()
	done := 0
	f := services.Follower(remote, follower.Options{Every: every,
		Progress: func(n int) { done = n; p.at(n) },
		Trouble: func(err error, wait time.Duration) {
			if wait == 0 {
				_, _ = fmt.Fprintf(out, "%v; starting over\n", err)
				return
			}
			_, _ = fmt.Fprintf(out, "%v; retrying in %s\n", err, wait.Round(100*time.Millisecond))
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
