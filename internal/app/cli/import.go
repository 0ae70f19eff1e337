package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/sync/importer"
	"github.com/tonggao/tonggao/internal/sync/importer/mysql"
)

// importOptions are the flags of import.
type importOptions struct {
	config                config.Config
	format, site          string
	encoding              string // of a dump or a server
	allow                 []string
	networks              []netip.Prefix
	force, revive, resume bool
	dryRun, fetch         bool
}

func importCommand() *cli.Command {
	o := importOptions{config: config.Default()}
	return &cli.Command{
		Name: "import", ArgsUsage: "FILE…", Usage: "import content; unchanged content is left alone",
		Description: "FILE may be - for standard input, except for markdown, where it is a folder. The exit code is 3 if a record was rejected.\n" +
			"Items that were deleted here stay deleted, and items that were taken down stay hidden: their records are skipped. An import is\n" +
			"idempotent; --resume continues an interrupted one. Importing a site again brings what changed there, and never overwrites what\n" +
			"was edited here. docs/moving.md explains how to move in from another system.",
		Flags: slices.Concat([]cli.Flag{
			config.DatabaseFlag(&o.config), config.SecretKeyFlag(&o.config),
			&cli.StringFlag{Name: "format", Required: true, Destination: &o.format, Usage: "page: the text of an article page; ndjson: what export writes; " + siteUsage},
			&cli.BoolFlag{Name: "dry-run", Destination: &o.dryRun, Usage: "report what a site would bring, what is lost and what collides, and write nothing"},
			&cli.BoolFlag{Name: "fetch-pictures", Destination: &o.fetch, Usage: "download the pictures of a site that are on the network"},
			&cli.StringSliceFlag{Name: "fetch-allow-network", Destination: &o.allow, Usage: "a network that is not public and may be downloaded from, such as 192.168.0.0/16; may be repeated"},
			&cli.StringFlag{Name: "site", Destination: &o.site, Usage: "the address of the old site, such as https://www.example.com, where the source does not name it"},
			&cli.StringFlag{Name: "encoding", Destination: &o.encoding, Usage: "the encoding of a dump, if it is named wrongly in it: " + strings.Join(mysql.Encodings, ", ")},
			&cli.BoolFlag{Name: "force", Destination: &o.force, Usage: "overwrite pages and sites that were edited here since"},
			&cli.BoolFlag{Name: "revive", Destination: &o.revive, Usage: "restore articles that were deleted here; never those that were taken down"},
			&cli.BoolFlag{Name: "resume", Destination: &o.resume, Usage: "continue an interrupted import of the same ndjson file; sites always continue"},
		}, config.MediaFlags(&o.config)),
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if err := o.check(cmd.Args().Slice()); err != nil {
				return usage{err}
			}
			return creating(ctx, cmd, o.config, func(ctx context.Context, services *app.Services) error {
				into, err := services.SiteImporter(o.config, o.networks)
				if err != nil {
					return err
				}
				into.Force, into.Revive, into.Resume, into.DryRun, into.Fetch = o.force, o.revive, o.resume, o.dryRun, o.fetch
				return importFiles(ctx, cmd.Root(), into, o, cmd.Args().Slice())
			})
		},
	}
}

// check returns what is wrong with the flags.
func (o *importOptions) check(files []string) error {
	_, isSite := sites[o.format]
	switch {
	case len(files) == 0:
		return errors.New("import needs at least one FILE, or - for standard input")
	case o.format != "page" && o.format != "ndjson" && !isSite:
		return fmt.Errorf("unknown --format %q; use page, ndjson, %s", o.format, strings.Join(siteFormats(), ", "))
	case !isSite && (o.dryRun || o.fetch || o.site != ""):
		return fmt.Errorf("--dry-run, --fetch-pictures and --site are for %s", strings.Join(siteFormats(), ", "))
	}
	if err := mysql.CheckEncoding(o.encoding); err != nil {
		return err
	}
	o.networks = nil
	for _, text := range o.allow {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return fmt.Errorf("--fetch-allow-network %q is no network, such as 192.168.0.0/16", text)
		}
		o.networks = append(o.networks, network)
	}
	return nil
}

// importFiles imports files in turn and prints rejected and skipped records and the totals.
func importFiles(ctx context.Context, root *cli.Command, into *importer.Importer, o importOptions, files []string) error {
	var sum importer.Summary
	unit := "lines"
	if _, ok := sites[o.format]; ok {
		unit = "records"
	}
	p := newProgress(root.ErrWriter, unit)
	var err error
	if format, ok := sites[o.format]; ok && format.whole {
		err, files = importSite(ctx, format, root.Reader, into, o, files, &sum, p), nil
	}
	for _, file := range files {
		if err = importFile(ctx, root.Reader, into, o, file, &sum, p); err != nil {
			break
		}
	}
	p.end()
	for _, r := range append(sum.Skips, sum.Rejected...) {
		_, _ = fmt.Fprintln(root.ErrWriter, r)
	}
	sum.Write(root.ErrWriter)
	if o.dryRun {
		_, _ = fmt.Fprint(root.Writer, "nothing was written; an import would have: ")
	}
	_, _ = fmt.Fprintln(root.Writer, &sum)
	if err == nil && len(sum.Rejected) > 0 {
		return exit(rejected)
	}
	return err
}

// importFile imports one file, or standard input for -.
func importFile(ctx context.Context, stdin io.Reader, into *importer.Importer, o importOptions, file string, sum *importer.Summary, p *progress) (err error) {
	if format, ok := sites[o.format]; ok {
		return importSite(ctx, format, stdin, into, o, []string{file}, sum, p)
	}
	in := stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return unreadable(file, err)
		}
		defer f.Close()
		in = p.reading(f)
	}
	if o.format == "page" {
		return into.Page(ctx, file, in, &sum.Result)
	}
	return into.NDJSON(ctx, file, in, &sum.Result, p.at)
}

// unreadable returns the error of a file that cannot be opened.
func unreadable(file string, err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return usage{fmt.Errorf("cannot read %s: no such file; check the path, or give - for standard input", file)}
	}
	return usage{fmt.Errorf("cannot read %s: %w", file, err)}
}
