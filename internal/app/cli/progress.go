package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// progress shows how far long work is: on a terminal as a bar in one line that
// changes, elsewhere, such as in the log of a job, in a line now and then.
type progress struct {
	out   io.Writer
	unit  string
	total int          // units; 0: not known
	file  *countedFile // what is read, which tells how far it is where total does not
	bar   bool         // on a terminal
	start time.Time
	shown time.Time
	first int // units done when it started
}

func newProgress(w io.Writer, unit string) *progress {
	now := time.Now()
	p := &progress{out: w, unit: unit, start: now, shown: now}
	if f, ok := w.(*os.File); ok {
		info, err := f.Stat()
		p.bar = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// How often progress is shown, and how wide its bar is.
const (
	onTerminal = 200 * time.Millisecond
	onPipe     = 10 * time.Second
	barWidth   = 24
)

func (p *progress) at(n int) {
	now := time.Now()
	every := onPipe
	if p.bar {
		every = onTerminal
	}
	if now.Sub(p.shown) >= every {
		p.show(n, now)
	}
}

func (p *progress) show(n int, now time.Time) {
	p.shown = now
	text := p.text(n, now.Sub(p.start))
	if p.bar {
		_, _ = fmt.Fprintf(p.out, "\r\x1b[K%s", text)
		return
	}
	_, _ = fmt.Fprintln(p.out, text)
}

// text says how far n is after some time.
func (p *progress) text(n int, after time.Duration) string {
	rate := float64(n-p.first) / max(after.Seconds(), 0.001)
	done := p.done(n)
	switch {
	case done < 0:
		return fmt.Sprintf("%d %s, %.0f a second", n, p.unit, rate)
	case p.total > 0:
		return fmt.Sprintf("%s%3.0f %%, %d of %d %s, %.0f a second", p.drawn(done), done*100, n, p.total, p.unit, rate)
	default:
		return fmt.Sprintf("%s%3.0f %%, %d %s, %.0f a second", p.drawn(done), done*100, n, p.unit, rate)
	}
}

// done is the part that is done, from 0 to 1; less where that is not known.
func (p *progress) done(n int) float64 {
	switch {
	case p.total > 0:
		return min(1, float64(n)/float64(p.total))
	case p.file != nil && p.file.size > 0:
		return min(1, float64(p.file.at)/float64(p.file.size))
	default:
		return -1
	}
}

func (p *progress) drawn(done float64) string {
	if !p.bar {
		return ""
	}
	full := int(done * barWidth)
	return "[" + strings.Repeat("#", full) + strings.Repeat(".", barWidth-full) + "] "
}

func (p *progress) end() {
	if p.bar && p.shown != p.start {
		_, _ = fmt.Fprintln(p.out)
	}
}

// countedFile is a file that is read, and how much of it was.
type countedFile struct {
	*os.File
	at, size int64
}

// reading is f, by which progress is measured from now on.
func (p *progress) reading(f *os.File) io.Reader {
	p.file = &countedFile{File: f}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		p.file.size = info.Size()
	}
	return p.file
}

func (f *countedFile) Read(b []byte) (int, error) {
	n, err := f.File.Read(b)
	f.at += int64(n)
	return n, err
}

func (f *countedFile) Seek(offset int64, whence int) (int64, error) {
	at, err := f.File.Seek(offset, whence)
	if err == nil {
		f.at = at
	}
	return at, err
}
