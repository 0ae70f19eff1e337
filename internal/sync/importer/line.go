package importer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/sync/archive"
)

// maxLine is how long a line of an archive may be, in bytes.
const maxLine = 16 << 20

var (
	errLong = fmt.Errorf("the line is longer than %d MiB", maxLine>>20)
	errUTF8 = errors.New("this is not UTF-8")
)

// line is a line of an archive and its place.
type line struct {
	number int   // counted from 1
	at     int64 // where it begins, in bytes
	text   []byte
	long   bool // longer than maxLine; its text is not kept

	kind  string // as archive names it
	thing any    // what the line says, a pointer
	wrong error
}

// things is what the lines of each type say.
var things = map[string]func() any{
	archive.TypeSite:      func() any { return new(site.Facts) },
	archive.TypeRegion:    func() any { return new(archive.Region) },
	archive.TypeCategory:  func() any { return new(archive.Category) },
	archive.TypePublisher: func() any { return new(archive.Publisher) },
	archive.TypePicture:   func() any { return new(archive.Picture) },
	archive.TypeArticle:   func() any { return new(article.Record) },
	archive.TypeRevision:  func() any { return new(archive.Revision) },
	archive.TypeComment:   func() any { return new(archive.Comment) },
	archive.TypeReport:    func() any { return new(archive.Report) },
	archive.TypeCaseEvent: func() any { return new(archive.ReportEvent) },
	archive.TypeFile:      func() any { return new(archive.Attachment) },
	archive.TypeMeasure:   func() any { return new(archive.Takedown) },
	archive.TypeViews:     func() any { return new(archive.Views) },
}

// parse reads lines side by side; a database takes one after the other.
func parse(batch []line) {
	var all sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for part := range slices.Chunk(batch, (len(batch)+workers-1)/workers) {
		all.Go(func() {
			for i := range part {
				part[i].wrong = part[i].parse()
			}
		})
	}
	all.Wait()
}

func (l *line) parse() (err error) {
	switch {
	case l.long:
		return errLong
	case !utf8.Valid(l.text):
		return errUTF8
	}
	if l.kind, err = archive.Type(l.text); err != nil {
		return err
	}
	thing, ok := things[l.kind]
	if !ok {
		return fmt.Errorf("there is no type %.40q; an archive has Site, Region, Category, Publisher, Picture, Article, Revision, Comment, Report, CaseEvent, Attachment, Measure and Views", l.kind)
	}
	l.thing = thing()
	return archive.Read(l.text, l.thing)
}

// lines reads an archive line by line. Of a line that is too long it keeps
// nothing, so that the lines after it are still read.
type lines struct {
	from   io.Reader
	in     *bufio.Reader
	number int
	at     int64
}

func newLines(r io.Reader) *lines { return &lines{from: r, in: bufio.NewReaderSize(r, 1<<20)} }

// skip goes to where, before anything was read, after number lines.
func (l *lines) skip(where int64, number int) error {
	l.at, l.number = where, number
	if s, ok := l.from.(io.Seeker); ok {
		if _, err := s.Seek(where, io.SeekStart); err == nil {
			l.in.Reset(l.from)
			return nil
		}
	}
	_, err := io.CopyN(io.Discard, l.in, where)
	return err
}

// next is the next line, without its end; io.EOF after the last.
func (l *lines) next() (line, error) {
	l.number++
	next := line{number: l.number, at: l.at}
	for {
		part, err := l.in.ReadSlice('\n')
		l.at += int64(len(part))
		if next.long = next.long || len(next.text)+len(part) > maxLine; next.long {
			next.text = nil
		} else {
			next.text = append(next.text, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err == nil, errors.Is(err, io.EOF) && (len(next.text) > 0 || next.long):
			next.text = bytes.TrimSpace(next.text)
			if next.number == 1 {
				next.text = bytes.TrimPrefix(next.text, []byte("\ufeff"))
			}
			return next, nil
		default:
			return line{}, err
		}
	}
}
