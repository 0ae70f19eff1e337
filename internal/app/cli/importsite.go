package cli

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/tonggao/tonggao/internal/sync/importer"
	"github.com/tonggao/tonggao/internal/sync/importer/dedecms"
	"github.com/tonggao/tonggao/internal/sync/importer/destoon"
	"github.com/tonggao/tonggao/internal/sync/importer/markdown"
	"github.com/tonggao/tonggao/internal/sync/importer/mysql"
	"github.com/tonggao/tonggao/internal/sync/importer/record"
	"github.com/tonggao/tonggao/internal/sync/importer/wxr"
)

// siteFormat is the format of another system.
type siteFormat struct {
	open  func(ctx context.Context, stdin io.Reader, files []string, o importOptions) (record.Site, io.Closer, error)
	whole bool // all files are one site
}

const siteUsage = "markdown: a folder of Hugo, Hexo, Jekyll or other Markdown files; wxr: an export of WordPress; " +
	"destoon, dedecms: a dump in SQL, or a server such as mysql://reader@localhost:3306/destoon"

// sites are the formats of other systems.
var sites = map[string]siteFormat{
	"markdown": {open: func(_ context.Context, _ io.Reader, files []string, o importOptions) (record.Site, io.Closer, error) {
		if files[0] == "-" {
			return nil, nil, usage{errors.New("--format markdown needs a folder, and not standard input")}
		}
		folder, err := markdown.Open(files[0], o.site)
		return folder, folder, err
	}},
	"wxr": {open: func(_ context.Context, stdin io.Reader, files []string, o importOptions) (record.Site, io.Closer, error) {
		f, err := openAgain(stdin, files[0])
		if err != nil {
			return nil, nil, err
		}
		export, err := wxr.Open(f, o.site)
		return export, f, err
	}},
	"destoon": {whole: true, open: func(ctx context.Context, stdin io.Reader, files []string, o importOptions) (record.Site, io.Closer, error) {
		tables, err := openTables(ctx, stdin, files, o.encoding, destoon.Wanted)
		if err != nil {
			return nil, nil, err
		}
		portal, err := destoon.New(ctx, tables, o.site)
		return portal, tables, err
	}},
	"dedecms": {whole: true, open: func(ctx context.Context, stdin io.Reader, files []string, o importOptions) (record.Site, io.Closer, error) {
		tables, err := openTables(ctx, stdin, files, o.encoding, dedecms.Wanted)
		if err != nil {
			return nil, nil, err
		}
		site, err := dedecms.New(ctx, tables, o.site)
		return site, tables, err
	}},
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

// openTables returns the tables of a server, or of a dump in one or several files.
func openTables(ctx context.Context, stdin io.Reader, files []string, encoding string, wanted func(string) bool) (tables *mysql.Tables, err error) {
	if len(files) == 1 && mysql.IsAddress(files[0]) {
		return mysql.Connect(ctx, files[0], encoding)
	}
	var readers []io.Reader
	for _, name := range files {
		if name == "-" {
			readers = append(readers, stdin)
			continue
		}
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		var r io.Reader = f
		if strings.HasSuffix(name, ".gz") {
			if r, err = gzip.NewReader(f); err != nil {
				return nil, fmt.Errorf("unpack %s: %w", name, err)
			}
		}
		readers = append(readers, r)
	}
	return mysql.Dump(ctx, readers, encoding, wanted)
}

func siteFormats() []string { return slices.Sorted(maps.Keys(sites)) }

// importSite imports one site from its files.
func importSite(ctx context.Context, format siteFormat, stdin io.Reader, into *importer.Importer, o importOptions, files []string, sum *importer.Summary, p *progress) (err error) {
	name := siteName(files[0])
	site, closer, err := format.open(ctx, stdin, files, o)
	if closer != nil && !reflect.ValueOf(closer).IsNil() {
		defer func() { err = errors.Join(err, closer.Close()) }()
	}
	var misuse usage
	switch {
	case errors.As(err, &misuse) || ctx.Err() != nil:
		return err
	case err != nil:
		return usage{fmt.Errorf("cannot read %s: %w", name, err)}
	}
	return into.MoveIn(ctx, name, o.format, site, sum, p.at)
}

// siteName returns the name of a source without the password in it.
func siteName(file string) string {
	if u, err := url.Parse(file); err == nil && mysql.IsAddress(file) {
		return u.Redacted()
	}
	return file
}
