package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/app/loadgen"
	"github.com/tonggao/tonggao/internal/sync/importer"
)

func importing() *cli.Command {
	c := config.Default()
	var format string
	var force, revive, resume bool
	return &cli.Command{
		Name: "import", ArgsUsage: "FILE…", Usage: "bring content in; what is already there is left alone",
		Description: "FILE may be - for standard input. Exit code 3 says that something was rejected. What was deleted here stays deleted,\n" +
			"and what was taken down hidden: such lines are skipped. An import can be repeated and, with --resume, go on where it was interrupted.",
		Flags: []cli.Flag{
			config.DatabaseFlag(&c), config.SecretKeyFlag(&c),
			&cli.StringFlag{Name: "format", Required: true, Destination: &format, Usage: "page: the text of an article page; ndjson: what export writes"},
			&cli.BoolFlag{Name: "force", Destination: &force, Usage: "write pages over what somebody edited here since"},
			&cli.BoolFlag{Name: "revive", Destination: &revive, Usage: "bring back articles that were deleted here; never what was taken down"},
			&cli.BoolFlag{Name: "resume", Destination: &resume, Usage: "go on where an import of the same ndjson was interrupted"},
		},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if cmd.Args().Len() == 0 {
				return usage{errors.New("import wants at least one FILE, or - for standard input")}
			}
			if format != "page" && format != "ndjson" {
				return usage{fmt.Errorf("there is no --format %q; there are page and ndjson", format)}
			}
			return withHouse(ctx, c, func(ctx context.Context, house *app.Services) error {
				into := house.Importer()
				into.Force, into.Revive, into.Resume = force, revive, resume
				return importFiles(ctx, cmd.Root(), into, format, cmd.Args().Slice())
			})
		},
	}
}

func importFiles(ctx context.Context, root *cli.Command, into *importer.Importer, format string, files []string) error {
	var result importer.Result
	p := newProgress(root.ErrWriter, "lines")
	var err error
	for _, file := range files {
		if err = importFile(ctx, root.Reader, into, format, file, &result, p); err != nil {
			break
		}
	}
	p.end()
	for _, r := range append(result.Skips, result.Rejected...) {
		_, _ = fmt.Fprintln(root.ErrWriter, r)
	}
	_, _ = fmt.Fprintln(root.Writer, result)
	if err == nil && len(result.Rejected) > 0 {
		return exit(rejected)
	}
	return err
}

func importFile(ctx context.Context, stdin io.Reader, into *importer.Importer, format, file string, result *importer.Result, p *progress) (err error) {
	in := stdin
	if file != "-" {
		f, err := os.Open(file)
		if errors.Is(err, os.ErrNotExist) {
			return usage{fmt.Errorf("cannot read %s: there is no such file; look at the path, or give - for standard input", file)}
		}
		if err != nil {
			return usage{fmt.Errorf("cannot read %s: %w", file, err)}
		}
		defer f.Close()
		in = p.reading(f)
	}
	if format == "page" {
		return into.Page(ctx, file, in, result)
	}
	return into.NDJSON(ctx, file, in, result, p.at)
}

func generating() *cli.Command {
	c, o := config.Default(), loadgen.Options{Seed: 1}
	return &cli.Command{
		Name: "generate", Usage: "write synthetic content for load tests into an empty database",
		Flags: []cli.Flag{
			config.DatabaseFlag(&c), config.SecretKeyFlag(&c),
			&cli.IntFlag{Name: "articles", Required: true, Destination: &o.Articles, Usage: "how many articles"},
			&cli.Uint64Flag{Name: "seed", Value: o.Seed, Destination: &o.Seed, Usage: "the same seed makes the same content"},
		},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if o.Articles < 1 {
				return usage{errors.New("--articles must be at least 1")}
			}
			return withHouse(ctx, c, func(ctx context.Context, house *app.Services) error {
				empty, err := house.Empty(ctx)
				if err != nil {
					return err
				}
				if !empty {
					return usage{errors.New("the database is not empty; name a new one with --database sqlite:PATH")}
				}
				p := newProgress(cmd.Root().ErrWriter, "articles")
				p.total = o.Articles
				defer p.end()
				return loadgen.Run(ctx, house.Store, house.Articles, o, p.at)
			})
		},
	}
}
