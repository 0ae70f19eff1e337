package soak_test

import (
	"bufio"
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/app/cli"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// programVar makes the test binary be the program itself: its command line is tonggao's.
const programVar = "TONGGAO_SOAK_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programVar) != "" {
		os.Exit(cli.Run(os.Args, os.Stdin, os.Stdout, os.Stderr, "soak"))
	}
	os.Exit(m.Run())
}

// program is the program over one database, in a process of its own between start and kill.
type program struct {
	url     string
	media   string // the folder of pictures
	address string // of the running process
	running *exec.Cmd
	log     *os.File
	flags   []string             // more of serve's
	moved   func(address string) // called with the address each time it starts; may be nil
}

// newProgram returns the program over the database at url, not yet running.
func newProgram(t testing.TB, url string) *program {
	t.Helper()
	dir := t.TempDir()
	p := &program{url: url, media: filepath.Join(dir, "media")}
	var err error
	if p.log, err = os.Create(filepath.Join(dir, "log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.running != nil {
			p.kill(t)
		}
		if t.Failed() {
			text, _ := os.ReadFile(p.log.Name())
			t.Logf("the program's log ends with:\n%s", text[max(0, len(text)-4000):])
		}
		_ = p.log.Close()
	})
	return p
}

// process returns a process of the program that is not started yet.
func (p *program) process(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], append(args, "--database", p.url)...)
	cmd.Env = append(os.Environ(), programVar+"=1", "TONGGAO_SECRET_KEY="+storetest.Key)
	return cmd
}

// start starts the program on a free port, which its first line names, and returns how
// long it took until it was ready.
func (p *program) start(t testing.TB) time.Duration {
	t.Helper()
	begin := time.Now()
	cmd := p.process(append([]string{"serve", "--addr", "127.0.0.1:0", "--media-dir", p.media,
		"--rate-limit", "0", "--write-limit", "0", "--views-interval", "100ms", "--webhook-allow-network", "127.0.0.0/8", "--log-level", "warn"}, p.flags...)...)
	cmd.Stderr = p.log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start the program: %v", err)
	}
	p.running = cmd
	line, err := bufio.NewReader(out).ReadString('\n')
	_, address, found := strings.Cut(line, "ready on ")
	if err != nil || !found {
		t.Fatalf("the program did not say where it listens: %q, %v", line, err)
	}
	if p.address = strings.TrimSpace(address); p.moved != nil {
		p.moved(p.address)
	}
	answer, err := http.Get(p.address + "/readyz")
	if err != nil {
		t.Fatalf("ask whether the program is ready: %v", err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("the program is not ready: %s", answer.Status)
	}
	return time.Since(begin)
}

// kill ends the program at once with SIGKILL.
func (p *program) kill(t testing.TB) {
	t.Helper()
	if err := p.running.Process.Kill(); err != nil {
		t.Fatalf("kill the program: %v", err)
	}
	_ = p.running.Wait() // says that it was killed
	p.running = nil
}

// stop sends SIGTERM and waits for a graceful shutdown.
func (p *program) stop(t testing.TB) {
	t.Helper()
	if err := p.running.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatalf("stop the program: %v", err)
	}
	if err := p.running.Wait(); err != nil {
		t.Errorf("the program was asked to stop and failed: %v", err)
	}
	p.running = nil
}

// command runs another command of the program and returns what it printed.
func (p *program) command(t testing.TB, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := p.process(args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("tonggao %s: %v\n%s%s", strings.Join(args, " "), err, &out, &errs)
	}
	return strings.TrimSpace(out.String())
}

// doctor fails the test where `tonggao doctor` finds a problem.
func (p *program) doctor(t testing.TB) {
	t.Helper()
	p.command(t, "doctor")
}

// token creates a token and returns its secret.
func (p *program) token(t testing.TB, role string) string {
	t.Helper()
	return p.command(t, "token", "create", "--role", role, "--name", "soak")
}
