package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/tonggao/tonggao/internal/sync/importer"
	"github.com/tonggao/tonggao/internal/sync/importer/markdown"
	"github.com/tonggao/tonggao/internal/sync/importer/record"
	"github.com/tonggao/tonggao/internal/sync/importer/wxr"
)

// openSite opens the source of a site. Stdin is read for the file -.
type openSite func(ctx context.Context, stdin io.Reader, file string, o importOptions) (record.Site, io.Closer, error)

const siteUsage = "markdown: a folder of Hugo, Hexo, Jekyll or other Markdown files; wxr: an export of WordPress"

// sites are the formats of other systems.
var sites = map[string]openSite{
	"markdown": func(_ context.Context, _ io.Reader, file string, o importOptions) (record.Site, io.Closer, error) {
		if file == "-" {
			return nil, nil, usage{errors.New("--format markdown needs a folder, and not standard input")}
		}
		folder, err := markdown.Open(file, o.site)
		return folder, folder, err
	},
	"wxr": func(_ context.Context, stdin io.Reader, file string, o importOptions) (record.Site, io.Closer, error) {
		f, err := openAgain(stdin, file)
		if err != nil {
			return nil, nil, err
		}
		export, err := wxr.Open(f, o.site)
		return export, f, err
	},
}

// openAgain opens a file that is read more than once. Standard input is copied to a
// temporary one, which disappears when it is closed.
func openAgain(stdin io.Reader, file string) (*os.File, error) {
	if file != "-" {
		return os.Open(file)
	}
	f, err := os.CreateTemp("", "tonggao-import-*")
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(f, stdin); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return f, os.Remove(f.Name())
}

func siteFormats() []string { return slices.Sorted(maps.Keys(sites)) }

// importSite imports one site.
func importSite(ctx context.Context, open openSite, stdin io.Reader, into *importer.Importer, o importOptions, file string, sum *importer.Summary, p *progress) (err error) {
	site, closer, err := open(ctx, stdin, file, o)
	var misuse usage
	switch {
	case errors.As(err, &misuse):
		return err
	case err != nil:
		return usage{fmt.Errorf("cannot read %s: %w", file, err)}
	}
	defer func() { err = errors.Join(err, closer.Close()) }()
	return into.MoveIn(ctx, file, o.format, site, sum, p.at)
}
