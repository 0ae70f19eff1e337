// Suite runs the tests of the project with one PostgreSQL server for all packages, and
// reports progress: at the start the engines and about how long it takes, then a line for
// each package as soon as it has finished, and go test's own lines at the end.
//
//	go run ./internal/testkit/suite [-cover] [go test flags]
//
// It decides nothing about the tests. With -cover it also measures how much of each
// package its own tests cover, marks those below the minimum, and prints how the lines of
// the project divide.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/pgcluster"
)

// Measured for the whole suite on both engines, with everything compiled: seconds of one
// processor core, in its ordinary form and under the race detector.
const (
	coreSeconds     = 480
	raceCoreSeconds = 1500
)

// heartbeat is how often the running packages are named while none finishes.
const heartbeat = 15 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, os.Args[1:])
	stop()
	if err != nil {
		fmt.Println("suite:", err)
		os.Exit(1)
	}
}

// run runs the suite with the arguments of the command line.
func run(ctx context.Context, out io.Writer, args []string) error {
	args, cover := without(args, "-cover")
	packages, err := list(ctx, args)
	if err != nil {
		return err
	}
	tested, count := packages.tested(), len(packages)
	_, _ = fmt.Fprintf(out, "suite: %d packages with tests, of %d; %s\n", len(tested), count, estimate(args))
	var r *report
	err = pgcluster.With(out, func(env []string) (err error) {
		r, err = test(ctx, out, env, args, cover, tested)
		return err
	})
	if r != nil {
		r.close()
	}
	if cover && r != nil {
		lines, counted := countLines(".")
		lines.print(out)
		if low := r.judge(packages); low != nil {
			_, _ = fmt.Fprintf(out, "suite: %v\n", low)
		}
		err = errors.Join(err, counted)
	}
	return err
}

// test runs go test over the packages and reports its events.
func test(ctx context.Context, out io.Writer, env, args []string, cover bool, packages []string) (*report, error) {
	command := append([]string{"test", "-json"}, args...)
	if cover {
		command = append(command, "-cover")
	}
	cmd := exec.CommandContext(ctx, "go", append(command, packages...)...)
	r := newReport(out, len(packages))
	cmd.Env, cmd.Stderr = env, r
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that an interrupt reaches the tests as well, once
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = 10 * time.Second
	events, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start go test: %w", err)
	}
	stop := r.every(heartbeat)
	read := r.read(events)
	stop()
	if err := errors.Join(read, cmd.Wait()); err != nil {
		return r, fmt.Errorf("go test: %w", err)
	}
	return r, nil
}

// estimate says about how long the suite takes on this machine.
func estimate(args []string) string {
	seconds := coreSeconds
	if slices.Contains(args, "-race") {
		seconds = raceCoreSeconds
	}
	took := time.Duration(effort.N(seconds)/runtime.NumCPU()) * time.Second
	return fmt.Sprintf("it takes about %d minutes on %d idle cores, a few more when nothing is compiled yet",
		max(1, int(took.Round(time.Minute).Minutes())), runtime.NumCPU())
}

// without removes a flag from args and reports whether it was there.
func without(args []string, flag string) (rest []string, found bool) {
	rest = slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == flag })
	return rest, len(rest) < len(args)
}

// packageInfo is a package of the module, as go list reports it.
type packageInfo struct {
	path  string
	tests bool
	files []string // without tests
}

type packageList []packageInfo

// list returns the packages of the module in the working directory.
func list(ctx context.Context, args []string) (packages packageList, err error) {
	command := []string{"list", "-f", "{{.ImportPath}}\t{{if or .TestGoFiles .XTestGoFiles}}tests{{end}}\t{{$dir := .Dir}}{{range .GoFiles}}{{$dir}}/{{.}}|{{end}}"}
	if i := slices.Index(args, "-tags"); i >= 0 {
		command = append(command, args[i:i+2]...)
	}
	cmd := exec.CommandContext(ctx, "go", append(command, "./...")...)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("list the packages: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		files := strings.Split(strings.TrimSuffix(fields[2], "|"), "|")
		packages = append(packages, packageInfo{fields[0], fields[1] != "", files})
	}
	return packages, nil
}

// tested returns the paths of the packages that have tests.
func (l packageList) tested() (paths []string) {
	for _, p := range l {
		if p.tests {
			paths = append(paths, p.path)
		}
	}
	return paths
}
