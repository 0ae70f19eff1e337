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

func exportCommand() *cli.Command {
	c := config.Default()
	format, output, resume := "ndjson", "-", false
	return &cli.Command{
		Name: "export", Usage: "export all content in the form that import reads",
		Description: "The archive contains network addresses and statements of reporters: keep it as private as the database.\n" +
			"--resume continues an interrupted export into a file after its last complete line.",
		Flags: []cli.Flag{
			config.DatabaseFlag(&c), config.SecretKeyFlag(&c),
			&cli.StringFlag{Name: "format", Value: format, Destination: &format, Usage: "ndjson"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: output, Destination: &output, Usage: "the file to create; - is standard output"},
			&cli.BoolFlag{Name: "resume", Destination: &resume, Usage: "continue the file of --output"},
		},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if format != "ndjson" {
				return usage{fmt.Errorf("unknown --format %q; use ndjson", format)}
			}
			if resume && output == "-" {
				return usage{errors.New("--resume continues a file: name it with --output FILE")}
			}
			return using(ctx, cmd, c, func(ctx context.Context, services *app.Services) error {
				return export(ctx, cmd.Root(), services.Exporter(), output, resume)
			})
		},
	}
}

// export writes all content to output, after what a resumed file already holds.
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
	defer func() {
		info, unknown := file.Stat()
		empty := unknown == nil && info.Size() == 0
		err = errors.Join(err, file.Close())
		if err != nil && empty {
			err = errors.Join(err, os.Remove(output)) // there is nothing to resume
		}
	}()
	if resume {
		if p.first, err = countLines(file); err != nil {
			return err
		}
	}
	err = from.Export(ctx, file, after, func(lines int) { p.at(p.first + lines) })
	return errors.Join(err, file.Sync())
}

// openArchive opens the file for an archive and returns the position of its last complete
// line, after which a resumed file is truncated. Only its owner may read a new file.
func openArchive(name string, resume bool) (file *os.File, after exporter.Position, err error) {
	if !resume {
		file, err = os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
		if errors.Is(err, os.ErrExist) {
			err = usage{fmt.Errorf("the file %s exists; --resume continues it, or name another", name)}
		}
		return file, after, err
	}
	if file, err = os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, after, usage{fmt.Errorf("cannot continue %s: %w", name, err)}
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

// countLines counts the lines of a file and seeks to its end.
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
