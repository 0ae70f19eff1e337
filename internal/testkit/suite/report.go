package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// event is a line of go test -json; `go doc test2json` describes it.
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

// report turns the events of go test into progress and closing lines. It keeps only the
// output of tests that may still fail, and prints it when their package has failed.
type report struct {
	out   io.Writer
	total int
	begin time.Time

	mu       sync.Mutex
	running  map[string]*progress // packages whose tests run
	finished map[string]*progress
	failures int
	printed  time.Time // when the last line was printed
}

// progress is one package's.
type progress struct {
	path    string
	since   time.Time
	output  []event
	closing string // go test's line about the package
	seconds float64
	passed  bool
}

func newReport(out io.Writer, total int) *report {
	now := time.Now()
	return &report{out: out, total: total, begin: now, printed: now, running: map[string]*progress{}, finished: map[string]*progress{}}
}

// read reads events until they end. Lines that are no events, such as what the compiler
// prints, are printed as they are.
func (r *report) read(events io.Reader) error {
	lines := bufio.NewScanner(events)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			e = event{Action: "build-output", Output: lines.Text() + "\n"}
		}
		r.handle(e)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the events: %w", err)
	}
	return nil
}

func (r *report) handle(e event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.Action == "build-output" {
		r.print("%s", e.Output)
	}
	if e.Package == "" {
		return
	}
	p := r.running[e.Package]
	if p == nil { // of a package that does not compile, nothing starts
		p = &progress{path: e.Package, since: time.Now()}
		r.running[e.Package] = p
	}
	switch {
	case e.Action == "output" && e.Test == "" && isClosing(e.Output):
		p.closing = strings.TrimSuffix(e.Output, "\n")
	case e.Action == "output" && !strings.HasPrefix(e.Output, "=== "):
		p.output = append(p.output, e)
	case e.Test != "" && (e.Action == "pass" || e.Action == "skip"):
		p.output = slices.DeleteFunc(p.output, func(o event) bool { return o.Test == e.Test })
	case e.Test == "" && (e.Action == "pass" || e.Action == "skip" || e.Action == "fail"):
		p.seconds, p.passed = e.Elapsed, e.Action != "fail"
		r.finish(p)
	}
}

// isClosing reports whether a line is go test's last one about a package.
func isClosing(line string) bool {
	return strings.HasPrefix(line, "ok  \t") || strings.HasPrefix(line, "FAIL\t") || strings.HasPrefix(line, "?   \t")
}

// finish prints a package's line of progress, and of one that failed the output first.
func (r *report) finish(p *progress) {
	delete(r.running, p.path)
	r.finished[p.path] = p
	verdict := "ok"
	if !p.passed {
		verdict = "FAIL"
		r.failures++
		for _, o := range p.output {
			r.print("%s", o.Output)
		}
	}
	line := fmt.Sprintf("%s %-4s %6.1fs  %s", r.position(), verdict, p.seconds, short(p.path))
	if covered, ok := p.coverage(); ok {
		line += fmt.Sprintf("  %.1f %% covered", covered)
	}
	r.print("%s\n", line)
}

// position is how far the run is: packages and time.
func (r *report) position() string {
	return fmt.Sprintf("[%3d/%d %6s]", len(r.finished), r.total, time.Since(r.begin).Round(time.Second))
}

// Write prints what go test writes to its standard error.
func (r *report) Write(text []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.print("%s", text)
	return len(text), nil
}

func (r *report) print(format string, args ...any) {
	_, _ = fmt.Fprintf(r.out, format, args...)
	r.printed = time.Now()
}

// every prints which packages run, where nothing was printed for an interval, until stop
// is called.
func (r *report) every(interval time.Duration) (stop func()) {
	ticker, done := time.NewTicker(interval), make(chan struct{})
	go func() {
		for {
			select {
			case <-ticker.C:
				r.heartbeat(interval)
			case <-done:
				return
			}
		}
	}()
	return func() { ticker.Stop(); close(done) }
}

func (r *report) heartbeat(interval time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.printed) < interval/2 {
		return
	}
	names := make([]string, 0, len(r.running))
	for _, path := range slices.Sorted(maps.Keys(r.running)) {
		names = append(names, fmt.Sprintf("%s for %s", short(path), time.Since(r.running[path].since).Round(time.Second)))
	}
	doing := "running " + strings.Join(names, ", ")
	if len(names) == 0 {
		doing = "compiling"
	}
	r.print("%s %s\n", r.position(), doing)
}

// close prints what go test would have printed: the failed tests and the line of each
// package, in order.
func (r *report) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.print("\n")
	for _, path := range slices.Sorted(maps.Keys(r.finished)) {
		p := r.finished[path]
		for _, o := range p.output {
			if !p.passed && (strings.HasPrefix(strings.TrimSpace(o.Output), "--- FAIL:") || strings.HasPrefix(o.Output, "panic:") || strings.Contains(o.Output, "WARNING: DATA RACE")) {
				r.print("%s", o.Output)
			}
		}
		r.print("%s\n", cmp.Or(p.closing, "FAIL\t"+path))
	}
	r.print("%s\n", r.slowest(10))
	if r.failures > 0 {
		r.print("FAIL\n")
	}
}

// slowest names the packages whose tests took longest, and the whole time.
func (r *report) slowest(n int) string {
	all := slices.SortedFunc(maps.Values(r.finished), func(a, b *progress) int { return cmp.Compare(b.seconds, a.seconds) })
	names := make([]string, 0, n)
	for _, p := range all[:min(n, len(all))] {
		names = append(names, fmt.Sprintf("%s %.0fs", short(p.path), p.seconds))
	}
	return fmt.Sprintf("suite: %d packages, %d failed, %s; slowest: %s", len(all), r.failures, time.Since(r.begin).Round(time.Second), strings.Join(names, ", "))
}

// short is a package's path within the module.
func short(path string) string { return strings.TrimPrefix(path, module+"/") }

const module = "github.com/tonggao/tonggao"
