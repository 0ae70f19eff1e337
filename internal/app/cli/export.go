package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/sync/exporter"
)

func exporting() *cli.Command {
	c := config.Default()
	format, output, resume := "ndjson", "-", false
	return &cli.Command{
		Name: "export", Usage: "write everything that import takes",
		Description: "The archive holds network addresses and what reporters wrote: keep it as private as the database.\n" +
			"An export into a file that was interrupted, however hard, goes on with --resume after the last whole line.",
		Flags: []cli.Flag{
			config.DatabaseFlag(&c), config.SecretKeyFlag(&c),
			&cli.StringFlag{Name: "format", Value: format, Destination: &format, Usage: "ndjson"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: output, Destination: &output, Usage: "a new file to write; - is standard output"},
			&cli.BoolFlag{Name: "resume", Destination: &resume, Usage: "go on with the file of --output"},
		},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if format != "ndjson" {
				return usage{fmt.Errorf("there is no --format %q; there is ndjson", format)}
			}
			if resume && output == "-" {
				return usage{errors.New("--resume goes on with a file: name it with --output FILE")}
			}
			return withExisting(ctx, c, func(ctx context.Context, house *app.Services) error {
				return export(ctx, cmd.Root(), house.Exporter(), output, resume)
			})
		},
	}
}

func export(ctx context.Context, root *cli.Command, from *exporter.Exporter, output string, resume bool) (err error) {
	p := newProgress(root.ErrWriter, "lines")
	defer p.end()
	if p.total, err = from.Count(ctx); err != nil {
		return err
	}
	if output == "-" {
		return from.Export(ctx, root.Writer, exporter.Position{}, p.at)
	}
	file, after, err := openArchive(output, resume)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if resume {
		if p.first, err = countLines(file); err != nil {
			return err
		}
	}
	err = from.Export(ctx, file, after, func(lines int) { p.at(p.first + lines) })
	return errors.Join(err, file.Sync())
}

// openArchive opens the file that an archive goes to, cut behind its last whole
// line, and tells that line's place. Only its owner may read a new file.
func openArchive(name string, resume bool) (file *os.File, after exporter.Position, err error) {
	if !resume {
		file, err = os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
		if errors.Is(err, os.ErrExist) {
			err = usage{fmt.Errorf("there is a file %s already; --resume goes on with it, or name another", name)}
		}
		return file, after, err
	}
	if file, err = os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, after, usage{fmt.Errorf("cannot go on with %s: %w", name, err)}
	}
	info, err := file.Stat()
	if err != nil {
		return nil, after, errors.Join(err, file.Close())
	}
	after, end, err := exporter.Resume(file, info.Size())
	if err == nil {
		err = file.Truncate(end)
	}
	if err != nil {
		return nil, after, errors.Join(err, file.Close())
	}
	return file, after, nil
}

// countLines counts the lines of a file and goes to its end.
func countLines(file *os.File) (lines int, err error) {
	in := bufio.NewReaderSize(file, 1<<20)
	for buffer := make([]byte, 1<<20); ; {
		n, err := in.Read(buffer)
		lines += bytes.Count(buffer[:n], []byte{'\n'})
		if errors.Is(err, io.EOF) {
			_, err = file.Seek(0, io.SeekEnd)
			return lines, err
		}
		if err != nil {
			return lines, err
		}
	}
}
