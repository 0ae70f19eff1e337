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
	"github.com/tonggao/tonggao/internal/sync/importer"
)

func importCommand() *cli.Command {
	c := config.Default()
	var format string
	var force, revive, resume bool
	return &cli.Command{
		Name: "import", ArgsUsage: "FILE…", Usage: "import content; unchanged content is left alone",
		Description: "FILE may be - for standard input. The exit code is 3 if a record was rejected. Items that were deleted here stay deleted,\n" +
			"and items that were taken down stay hidden: their records are skipped. An import is idempotent; --resume continues an interrupted one.",
		Flags: []cli.Flag{
			config.DatabaseFlag(&c), config.SecretKeyFlag(&c),
			&cli.StringFlag{Name: "format", Required: true, Destination: &format, Usage: "page: the text of an article page; ndjson: what export writes"},
			&cli.BoolFlag{Name: "force", Destination: &force, Usage: "overwrite pages that were edited here since"},
			&cli.BoolFlag{Name: "revive", Destination: &revive, Usage: "restore articles that were deleted here; never those that were taken down"},
			&cli.BoolFlag{Name: "resume", Destination: &resume, Usage: "continue an interrupted import of the same ndjson file"},
		},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if cmd.Args().Len() == 0 {
				return usage{errors.New("import needs at least one FILE, or - for standard input")}
			}
			if format != "page" && format != "ndjson" {
				return usage{fmt.Errorf("unknown --format %q; use page or ndjson", format)}
			}
			return creating(ctx, cmd, c, func(ctx context.Context, services *app.Services) error {
				into := services.Importer()
				into.Force, into.Revive, into.Resume = force, revive, resume
				return importFiles(ctx, cmd.Root(), into, format, cmd.Args().Slice())
			})
		},
	}
}

// importFiles imports files in turn and prints rejected and skipped records and the totals.
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

// importFile imports one file, or standard input for -.
func importFile(ctx context.Context, stdin io.Reader, into *importer.Importer, format, file string, result *importer.Result, p *progress) (err error) {
	in := stdin
	if file != "-" {
		f, err := os.Open(file)
		if errors.Is(err, os.ErrNotExist) {
			return usage{fmt.Errorf("cannot read %s: no such file; check the path, or give - for standard input", file)}
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
