package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/config"
	"github.com/tonggao/tonggao/internal/generate"
	"github.com/tonggao/tonggao/internal/importer"
)

func importing() *cli.Command {
	c := config.Default()
	var format string
	var force bool
	return &cli.Command{
		Name: "import", ArgsUsage: "FILE…", Usage: "bring content in; what is already there is left alone",
		Description: "FILE may be - for standard input. Exit code 3 says that something was rejected.",
		Flags: []cli.Flag{
			config.DatabaseFlag(&c),
			&cli.StringFlag{Name: "format", Required: true, Destination: &format, Usage: "page: the text of an article page; ndjson: what export writes"},
			&cli.BoolFlag{Name: "force", Destination: &force, Usage: "write pages over what somebody edited here since"},
		},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if cmd.Args().Len() == 0 {
				return usage{errors.New("import wants at least one FILE, or - for standard input")}
			}
			if format != "page" && format != "ndjson" {
				return usage{fmt.Errorf("there is no --format %q; there are page and ndjson", format)}
			}
			return withHouse(ctx, c, func(ctx context.Context, house *app.House) error {
				return importFiles(ctx, cmd.Root(), house.Importer(), format, force, cmd.Args().Slice())
			})
		},
	}
}

func importFiles(ctx context.Context, root *cli.Command, into *importer.Importer, format string, force bool, files []string) error {
	into.Force = force
	var result importer.Result
	p := newProgress(root.ErrWriter, "lines")
	var err error
	for _, file := range files {
		if err = importFile(ctx, root.Reader, into, format, file, &result, p); err != nil {
			break
		}
	}
	p.end()
	for _, r := range result.Rejected {
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
		in = f
	}
	if format == "page" {
		return into.Page(ctx, file, in, result)
	}
	return into.NDJSON(ctx, file, in, result, p.at)
}

func exporting() *cli.Command {
	c := config.Default()
	format := "ndjson"
	return &cli.Command{
		Name: "export", Usage: "write everything that import takes to standard output",
		Description: "The archive holds network addresses and what reporters wrote: keep it as private as the database.",
		Flags: []cli.Flag{
			config.DatabaseFlag(&c),
			&cli.StringFlag{Name: "format", Value: format, Destination: &format, Usage: "ndjson"},
		},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if format != "ndjson" {
				return usage{fmt.Errorf("there is no --format %q; there is ndjson", format)}
			}
			return withExisting(ctx, c, func(ctx context.Context, house *app.House) error {
				p := newProgress(cmd.Root().ErrWriter, "lines")
				defer p.end()
				return house.Exporter().Export(ctx, cmd.Root().Writer, p.at)
			})
		},
	}
}

func generating() *cli.Command {
	c, o := config.Default(), generate.Options{Seed: 1}
	return &cli.Command{
		Name: "generate", Usage: "write synthetic content for load tests into an empty database",
		Flags: []cli.Flag{
			config.DatabaseFlag(&c),
			&cli.IntFlag{Name: "articles", Required: true, Destination: &o.Articles, Usage: "how many articles"},
			&cli.Uint64Flag{Name: "seed", Value: o.Seed, Destination: &o.Seed, Usage: "the same seed makes the same content"},
		},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if o.Articles < 1 {
				return usage{errors.New("--articles must be at least 1")}
			}
			return withHouse(ctx, c, func(ctx context.Context, house *app.House) error {
				empty, err := house.Empty(ctx)
				if err != nil {
					return err
				}
				if !empty {
					return usage{errors.New("the database is not empty; name a new one with --database sqlite:PATH")}
				}
				p := newProgress(cmd.Root().ErrWriter, "articles")
				defer p.end()
				return generate.Run(ctx, house.Store, house.Articles, o, p.at)
			})
		},
	}
}

// progress shows how far long work is: on a terminal in one line that changes,
// elsewhere, such as in the log of a job, in a line now and then.
type progress struct {
	out   io.Writer
	unit  string
	line  bool // on a terminal
	start time.Time
	shown time.Time
}

func newProgress(w io.Writer, unit string) *progress {
	now := time.Now()
	p := &progress{out: w, unit: unit, start: now, shown: now}
	if f, ok := w.(*os.File); ok {
		info, err := f.Stat()
		p.line = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// How often progress is shown.
const (
	onTerminal = 200 * time.Millisecond
	onPipe     = 10 * time.Second
)

func (p *progress) at(n int) {
	now := time.Now()
	begin, end, every := "", "\n", onPipe
	if p.line {
		begin, end, every = "\r", " ", onTerminal
	}
	if now.Sub(p.shown) < every {
		return
	}
	p.shown = now
	_, _ = fmt.Fprintf(p.out, "%s%d %s, %.0f a second%s", begin, n, p.unit, float64(n)/now.Sub(p.start).Seconds(), end)
}

func (p *progress) end() {
	if p.line && p.shown != p.start {
		_, _ = fmt.Fprintln(p.out)
	}
}
