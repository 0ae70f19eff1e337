package exporter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/sync/archive"
)

// order is the types of lines as an archive has them.
var order = []string{archive.TypeSite, archive.TypeRegion, archive.TypeCategory, archive.TypePublisher, archive.TypePicture,
	archive.TypeArticle, archive.TypeRevision, archive.TypeComment, archive.TypeReport, archive.TypeCaseEvent, archive.TypeFile, archive.TypeMeasure, archive.TypeViews}

// Place is a line in an archive; the zero Place is before the first.
type Position struct {
	Type    string
	ID      string
	Article string // of Views, which have no id
	Day     int
}

// of is the place among the lines of one type: nowhere where it is in another.
func (p Position) of(kind string) Position {
	if p.Type != kind {
		return Position{}
	}
	return p
}

// How much of the end of a file is read at once, and at most: two lines of the
// longest that an importer takes.
const (
	lookBack = 64 << 10
	lookMost = 32 << 20
)

var errNoArchive = fault.New(fault.BadUserInput, "this is not an archive that export began; name another file with --output")

// Resume finds the last whole line of an archive of size bytes: its place, and
// where it ends. What stands after it was not written to its end.
func Resume(r io.ReaderAt, size int64) (last Position, end int64, err error) {
	var tail []byte
	for at := size; at > 0 && size-at <= lookMost; {
		n := min(at, lookBack)
		at -= n
		piece := make([]byte, n, n+int64(len(tail)))
		if _, err := r.ReadAt(piece, at); err != nil && !errors.Is(err, io.EOF) {
			return last, 0, err
		}
		tail = append(piece, tail...)
		whole := bytes.LastIndexByte(tail, '\n')
		if whole < 0 {
			continue
		}
		before := bytes.LastIndexByte(tail[:whole], '\n')
		if before < 0 && at > 0 {
			continue
		}
		line := tail[before+1 : whole]
		if err := json.Unmarshal(line, &last); err != nil || !known(last) {
			return Position{}, 0, errNoArchive
		}
		return last, at + int64(whole) + 1, nil
	}
	if size > lookMost {
		return Position{}, 0, errNoArchive
	}
	return Position{}, 0, nil
}

func known(p Position) bool {
	for _, kind := range order {
		if p.Type == kind {
			return kind == archive.TypeSite || p.ID != "" || kind == archive.TypeViews && p.Article != ""
		}
	}
	return false
}

// Count is how many lines an archive has, for who waits for it.
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
