package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// progress prints the progress of long work: a bar on a terminal, and elsewhere, such as in
// the log of a job, a line every ten seconds.
type progress struct {
	out   io.Writer
	unit  string
	total int          // units; 0: unknown
	file  *countedFile // the file that is read, which measures progress if total is 0
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

// How often progress is printed, and the width of the bar.
const (
	onTerminal = 200 * time.Millisecond
	onPipe     = 10 * time.Second
	barWidth   = 24
)

// at prints that n units are done, unless it printed recently.
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

// text returns the line for n units after some time.
func (p *progress) text(n int, after time.Duration) string {
	rate := float64(n-p.first) / max(after.Seconds(), 0.001)
	done := p.fraction(n)
	switch {
	case done < 0:
		return fmt.Sprintf("%d %s, %.0f a second", n, p.unit, rate)
	case p.total > 0:
		return fmt.Sprintf("%s%3.0f %%, %d of %d %s, %.0f a second", p.drawn(done), done*100, n, p.total, p.unit, rate)
	default:
		return fmt.Sprintf("%s%3.0f %%, %d %s, %.0f a second", p.drawn(done), done*100, n, p.unit, rate)
	}
}

// fraction returns the part that is done, from 0 to 1, or -1 if it is unknown.
func (p *progress) fraction(n int) float64 {
	switch {
	case p.total > 0:
		return min(1, float64(n)/float64(p.total))
	case p.file != nil && p.file.size > 0:
		return min(1, float64(p.file.at)/float64(p.file.size))
	default:
		return -1
	}
}

// drawn returns the bar for a fraction, or nothing if p is not on a terminal.
func (p *progress) drawn(done float64) string {
	if !p.bar {
		return ""
	}
	full := int(done * barWidth)
	return "[" + strings.Repeat("#", full) + strings.Repeat(".", barWidth-full) + "] "
}

// end moves the terminal to the next line.
func (p *progress) end() {
	if p.bar && p.shown != p.start {
		_, _ = fmt.Fprintln(p.out)
	}
}

// A countedFile counts how much of a file was read.
type countedFile struct {
	*os.File
	at, size int64
}

// reading returns f, whose position measures the progress from now on.
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
