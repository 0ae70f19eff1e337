package importer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/sync/archive"
)

// maxLine limits the length of a line, in bytes.
const maxLine = 16 << 20

var (
	errTooLong = fmt.Errorf("the line is longer than %d MiB", maxLine>>20)
	errUTF8    = errors.New("this is not UTF-8")
)

// line is a line of an archive and its position.
type line struct {
	number  int   // from 1
	offset  int64 // of its first byte
	text    []byte
	tooLong bool // longer than maxLine; its text is not kept

	value any   // what it says: a pointer to a type of archive
	err   error // why it cannot be decoded
}

// decode decodes lines in parallel; they are written one after the other.
func decode(batch []line) {
	var all sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for part := range slices.Chunk(batch, (len(batch)+workers-1)/workers) {
		all.Go(func() {
			for i := range part {
				part[i].value, part[i].err = part[i].decode()
			}
		})
	}
	all.Wait()
}

func (l *line) decode() (any, error) {
	switch {
	case l.tooLong:
		return nil, errTooLong
	case !utf8.Valid(l.text):
		return nil, errUTF8
	}
	kind, err := archive.Type(l.text)
	if err != nil {
		return nil, err
	}
	e, ok := entities[kind]
	if !ok {
		return nil, fmt.Errorf("there is no type %.40q; an archive has %s", kind, strings.Join(archive.Types, ", "))
	}
	value := e.value()
	return value, archive.Read(l.text, value)
}

// reader reads an archive line by line. It keeps nothing of a line that is too long, so
// that the lines after it are read nevertheless.
type reader struct {
	from   io.Reader
	in     *bufio.Reader
	number int
	offset int64
}

func newReader(r io.Reader) *reader { return &reader{from: r, in: bufio.NewReaderSize(r, 1<<20)} }

// seek moves to an offset, which is after number lines, before anything was read.
func (r *reader) seek(offset int64, number int) error {
	r.offset, r.number = offset, number
	if s, ok := r.from.(io.Seeker); ok {
		if _, err := s.Seek(offset, io.SeekStart); err == nil {
			r.in.Reset(r.from)
			return nil
		}
	}
	_, err := io.CopyN(io.Discard, r.in, offset)
	return err
}

// next returns the next line, without its end; io.EOF after the last.
func (r *reader) next() (line, error) {
	r.number++
	l := line{number: r.number, offset: r.offset}
	for {
		part, err := r.in.ReadSlice('\n')
		r.offset += int64(len(part))
		if l.tooLong = l.tooLong || len(l.text)+len(part) > maxLine; l.tooLong {
			l.text = nil
		} else {
			l.text = append(l.text, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err == nil, errors.Is(err, io.EOF) && (len(l.text) > 0 || l.tooLong):
			l.text = bytes.TrimSpace(l.text)
			if l.number == 1 {
				l.text = bytes.TrimPrefix(l.text, []byte("\ufeff"))
			}
			return l, nil
		default:
			return line{}, err
		}
	}
}
