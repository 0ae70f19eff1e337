package exporter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/sync/archive"
)

// Position names a line of an archive; the zero Position is before the first.
type Position struct {
	Type    string
	ID      string
	Article string // of Views, which have no id
	Day     int
}

// within returns p if it names a line of that type, and otherwise the zero Position.
func (p Position) within(kind string) Position {
	if p.Type != kind {
		return Position{}
	}
	return p
}

// Limits of what Resume reads: a block at a time, and two lines of the greatest length
// that an importer accepts.
const (
	blockSize = 64 << 10
	maxTail   = 32 << 20
)

var errNoArchive = fault.New(fault.BadUserInput, "this is not an archive that export began; name another file with --output")

// Resume returns the position of the last whole line of an archive of size bytes, and the
// offset of its end. What follows it was not written completely.
func Resume(r io.ReaderAt, size int64) (last Position, end int64, err error) {
	var tail []byte
	for at := size; at > 0 && size-at <= maxTail; {
		n := min(at, blockSize)
		at -= n
		block := make([]byte, n, n+int64(len(tail)))
		if _, err := r.ReadAt(block, at); err != nil && !errors.Is(err, io.EOF) {
			return last, 0, fmt.Errorf("read the end of the archive: %w", err)
		}
		tail = append(block, tail...)
		whole := bytes.LastIndexByte(tail, '\n')
		if whole < 0 {
			continue
		}
		before := bytes.LastIndexByte(tail[:whole], '\n')
		if before < 0 && at > 0 {
			continue
		}
		line := tail[before+1 : whole]
		if err := json.Unmarshal(line, &last); err != nil || !last.valid() {
			return Position{}, 0, errNoArchive
		}
		return last, at + int64(whole) + 1, nil
	}
	if size > maxTail {
		return Position{}, 0, errNoArchive
	}
	return Position{}, 0, nil
}

// valid reports whether an archive can have a line at p.
func (p Position) valid() bool {
	switch p.Type {
	case archive.TypeSite:
		return true
	case archive.TypeViews:
		return p.Article != ""
	}
	return p.ID != "" && slices.Contains(archive.Types, p.Type)
}

// Count returns the number of lines that an archive would have.
func (e *Exporter) Count(ctx context.Context) (lines int, err error) {
	ctx = viewer.AsSystem(ctx)
	c := e.store.Client(ctx)
	for _, count := range []func(context.Context) (int, error){c.Region.Query().Count, c.Category.Query().Count, c.Publisher.Query().Count,
		c.Picture.Query().Count, c.Article.Query().Count, c.Revision.Query().Count, c.Comment.Query().Count, c.Report.Query().Count,
		c.ReportEvent.Query().Count, c.Attachment.Query().Count, c.Takedown.Query().Count, c.ViewDay.Query().Count} {
		n, err := count(ctx)
		if err != nil {
			return 0, fmt.Errorf("count the lines of the archive: %w", err)
		}
		lines += n
	}
	return lines + 1, nil // the site's
}
