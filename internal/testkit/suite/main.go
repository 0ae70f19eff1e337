// Suite runs a command, such as go test, with one PostgreSQL server for all packages where
// the server's programs are installed:
//
//	go run ./internal/testkit/suite [-cover] go test ./...
//
// It prints what the command prints, line by line, and at the end the failures again. With
// -cover it also fails where go test -cover reports that a package of the program is covered
// less than the minimum by its own tests.
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/tonggao/tonggao/internal/testkit/pgcluster"
)

// minimum is how much of a package its own tests must cover, in percent.
const minimum = 70

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := pgcluster.With(os.Stdout, func(env []string) error { return run(ctx, os.Stdout, env, os.Args[1:]) })
	stop()
	if err != nil {
		fmt.Println("suite:", err)
		os.Exit(1)
	}
}

// run runs the command after the flags in args.
func run(ctx context.Context, out io.Writer, env, args []string) error {
	cover := args[0] == "-cover"
	if cover {
		args = args[1:]
	}
	begin := time.Now()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env, cmd.Stdin, cmd.Stderr = env, os.Stdin, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that an interrupt reaches the tests as well, once
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = 10 * time.Second
	printed, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return fmt.Errorf("start %s: %w", args[0], err)
	}
	failed, low := watch(out, printed)
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%s, after %s: %w\n%s", args[0], time.Since(begin).Round(time.Second), err, strings.Join(failed, "\n"))
	}
	if cover && len(low) > 0 {
		return fmt.Errorf("covered less than %d %% by their own tests:\n%s", minimum, strings.Join(low, "\n"))
	}
	_, _ = fmt.Fprintf(out, "suite: passed in %s\n", time.Since(begin).Round(time.Second))
	return nil
}

var (
	failure  = regexp.MustCompile(`^(\s*--- FAIL: |FAIL\t|panic: )|WARNING: DATA RACE`)
	coverage = regexp.MustCompile(`^(?:ok  )?\tgithub\.com/tonggao/tonggao/(\S+)\t.*coverage: ([0-9.]+)% of statements`)
)

// watch copies the lines of go test to out. It returns those that name a failure, and the
// packages below the minimum.
func watch(out io.Writer, printed io.Reader) (failed, low []string) {
	lines := bufio.NewReader(printed)
	for {
		line, err := lines.ReadString('\n')
		_, _ = io.WriteString(out, line)
		if line = strings.TrimSuffix(line, "\n"); failure.MatchString(line) {
			failed = append(failed, line)
		}
		if found := coverage.FindStringSubmatch(line); found != nil && judged(found[1]) {
			if percent, _ := strconv.ParseFloat(found[2], 64); percent < minimum {
				low = append(low, fmt.Sprintf("%5.1f %% %s", percent, found[1]))
			}
		}
		if err != nil {
			return failed, low
		}
	}
}

// judged reports whether a package must meet the minimum: it is hand-written, and neither
// declarations for the generator, nor a test kit, nor an example.
func judged(path string) bool {
	return path == "graph" || strings.HasPrefix(path, "internal/") && !strings.HasPrefix(path, "internal/testkit/")
}
